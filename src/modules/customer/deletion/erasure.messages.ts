import { empty, opaque, type Sql, sql, type Transaction } from '../../../db/database.js';
import type { Message, MessageAttachment } from '../../../generated/prisma/client.js';
import type { Mask } from '../../../lib/text/mask.js';
import { previewOf } from '../../../lib/text/preview.js';
import { blankEvents } from '../../events/event.blanking.js';
import { type NewEvent, recordEvents } from '../../events/event.service.js';
import { releaseFiles } from '../../file/file.references.js';
import { digestsOf } from './erasure.files.js';
import type { Batch, Person, Place } from './erasure.steps.js';

/** The columns of a message that are checked for names. */
export type MessageTexts = Pick<
  Message,
  'id' | 'text' | 'html' | 'preview' | 'authorName' | 'agentId' | 'externalId' | 'emailMessageId' | 'participants'
>;

type Row = MessageTexts &
  Pick<Message, 'conversationId' | 'direction' | 'internal' | 'status' | 'sentAt' | 'deliveredAt'>;

/**
 * PURGE removes the messages. SCRUB removes what the person wrote and internal notes, and masks the person's names in
 * messages of the team. In both modes an e-mail that waits to be sent is not sent.
 */
export async function eraseMessages(
  tx: Transaction,
  person: Person,
  after: Place | null,
  limit: number,
): Promise<Batch> {
  const { caller, mode, own } = person;
  const { workspaceId } = caller;
  const { rows, next } = await nextMessages(tx, person, after, limit);
  if (rows.length === 0) return { rows: next ? 1 : 0, next, counts: {} };
  const ids = rows.map(({ id }) => id);
  const { events, attempts } = await blankEvents(tx, caller, ids);
  const waiting = rows.filter(isWaiting);
  const counts = {
    'DomainEvent BLANKED': events,
    'WebhookAttempt BLANKED': attempts,
    'QueuedMail REMOVED': waiting.length,
  };
  const mails = rows.flatMap((row) => (isMail(row) ? row.id : []));
  if (mode === 'PURGE') {
    const digests = await digestsOf(tx, workspaceId, ids);
    const files = await tx.$executeRaw(sql`DELETE FROM "MessageAttachment"
      WHERE "workspaceId" = ${workspaceId} AND "messageId" = ANY(${opaque(ids)}::text[])`);
    await tx.$executeRaw(sql`DELETE FROM "Message"
      WHERE "workspaceId" = ${workspaceId} AND "id" = ANY(${opaque(ids)}::text[])`);
    const contents = await releaseFiles(tx, workspaceId, digests);
    const removed = {
      'Message REMOVED': rows.length,
      'MessageAttachment REMOVED': files,
      'StoredFile REMOVED': contents,
    };
    return { rows: rows.length, next, mails, counts: { ...counts, ...removed } };
  }
  const writtenRows = rows.filter(isWritten);
  const written = writtenRows.map(({ id }) => id);
  const named = writtenRows.filter((row) => own && unnamed(own, row.externalId) !== row.externalId);
  const teams = rows.filter((row) => !isWritten(row));
  await blankWritten(
    tx,
    workspaceId,
    written,
    named.map(({ id }) => id),
  );
  const digests = await digestsOf(tx, workspaceId, ids);
  // The name and the URL of a file can contain personal data too.
  const files = await tx.$executeRaw(sql`DELETE FROM "MessageAttachment"
    WHERE "workspaceId" = ${workspaceId} AND "messageId" = ANY(${opaque(written)}::text[])`);
  // The content of a file cannot be searched for names, so all files are removed.
  await tx.$executeRaw(sql`UPDATE "MessageAttachment" SET "digest" = NULL
    WHERE "workspaceId" = ${workspaceId} AND "messageId" = ANY(${opaque(ids)}::text[]) AND "digest" IS NOT NULL`);
  await tx.$executeRaw(sql`UPDATE "Message" SET "rawDigest" = NULL
    WHERE "workspaceId" = ${workspaceId} AND "id" = ANY(${opaque(ids)}::text[]) AND "rawDigest" IS NOT NULL`);
  const contents = await releaseFiles(tx, workspaceId, digests);
  await cancelMails(tx, person, waiting);
  // The reply of a mail server contains the address that it rejected.
  await tx.$executeRaw(sql`UPDATE "Message" SET "failureReason" = '', "failureRecipient" = NULL
    WHERE "workspaceId" = ${workspaceId} AND "id" = ANY(${opaque(ids)}::text[])
      AND ("failureReason" <> '' OR "failureRecipient" IS NOT NULL)`);
  const masked = own ? await maskMessages(tx, workspaceId, teams, own) : [];
  const maskedFiles = own ? await maskFilesOf(tx, workspaceId, teams, own) : 0;
  return {
    rows: rows.length,
    next,
    mails,
    counts: {
      ...counts,
      'Message BLANKED': written.length,
      'MessageAttachment REMOVED': files,
      'Message MASKED': masked.length,
      'MessageAttachment MASKED': maskedFiles,
      'StoredFile REMOVED': contents,
    },
  };
}

/** Whether the person wrote the message, or it is an internal note about the person. */
const isWritten = ({ direction, internal }: Row): boolean => direction === 'INBOUND' || internal;
const isMail = ({ direction, emailMessageId }: Row): boolean => direction !== 'INBOUND' && emailMessageId !== null;
const isWaiting = (row: Row): boolean => isMail(row) && row.deliveredAt === null && row.status !== 'FAILED';

/**
 * The next messages, by conversation and then by time. A conversation may have a hundred thousand messages, so they are
 * paged.
 */
async function nextMessages(
  tx: Transaction,
  { caller: { workspaceId }, customerIds: [customerId] }: Person,
  after: Place | null,
  limit: number,
): Promise<{ rows: Row[]; next: Place | null }> {
  if (after?.sentAt !== undefined) {
    const { id = '', sentAt, messageId } = after;
    const rows = await readMessages(
      tx,
      workspaceId,
      [id],
      limit,
      sql`AND (m."sentAt", m."id") > (${sentAt}::timestamptz, ${messageId})`,
    );
    return { rows, next: rows.length < limit ? { id } : within(id, rows.at(-1)) };
  }
  const conversations = await tx.$queryRaw<{ id: string; count: number }[]>(sql`
    SELECT c."id", (SELECT count(*)::int FROM (SELECT 1 FROM "Message" AS m
      WHERE m."workspaceId" = c."workspaceId" AND m."conversationId" = c."id" LIMIT ${limit + 1}) AS few) AS "count"
    FROM (SELECT "workspaceId", "id" FROM "Conversation" WHERE "workspaceId" = ${workspaceId}
      AND "customerId" = ${customerId} AND "id" > ${after?.id ?? ''} ORDER BY "id" LIMIT ${conversationsAtOnce}) AS c
    ORDER BY c."id"`);
  const [first] = conversations;
  if (!first) return { rows: [], next: null };
  if (first.count > limit) {
    const rows = await readMessages(tx, workspaceId, [first.id], limit, empty);
    return { rows, next: within(first.id, rows.at(-1)) };
  }
  let sum = 0;
  const ids = conversations.flatMap(({ id, count }) => {
    sum += count;
    return sum <= limit ? id : [];
  });
  const rows = await readMessages(tx, workspaceId, ids, limit, empty);
  const isLast = ids.length === conversations.length && conversations.length < conversationsAtOnce;
  return { rows, next: isLast ? null : { id: ids.at(-1) ?? first.id } };
}

const conversationsAtOnce = 100;

const within = (id: string, row: Row | undefined): Place => ({
  id,
  ...(row && { sentAt: row.sentAt.toISOString(), messageId: row.id }),
});

const readMessages = (
  tx: Transaction,
  workspaceId: string,
  conversationIds: readonly string[],
  limit: number,
  further: Sql,
): Promise<Row[]> =>
  tx.$queryRaw<
    Row[]
  >(sql`SELECT m."id", m."conversationId", m."direction", m."internal", m."status", m."text", m."html",
      m."preview", m."authorName", m."agentId", m."externalId", m."emailMessageId", m."participants", m."sentAt", m."deliveredAt"
    FROM "Message" AS m
    WHERE m."workspaceId" = ${workspaceId} AND m."conversationId" = ANY(${opaque(conversationIds)}::text[]) ${further}
    ORDER BY m."sentAt", m."id" LIMIT ${limit} FOR UPDATE`);

/** Removes the contents of the messages. `named` are the ids of the messages whose externalId names the person. */
async function blankWritten(
  tx: Transaction,
  workspaceId: string,
  ids: readonly string[],
  named: readonly string[],
): Promise<void> {
  await tx.$executeRaw(sql`UPDATE "Message" SET "text" = '', "html" = NULL, "preview" = '', "emailMessageId" = NULL,
      "emailDigest" = NULL, "relayMessageId" = NULL, "participants" = NULL, "externalId" = CASE WHEN "id" = ANY(${named}::text[]) THEN NULL ELSE "externalId" END, "version" = "version" + 1,
      "authorName" = CASE WHEN "direction" = 'INBOUND' THEN NULL ELSE "authorName" END
    WHERE "workspaceId" = ${workspaceId} AND "id" = ANY(${opaque(ids)}::text[])`);
}

/** The contact no longer exists, so these e-mails fail instead of being sent. */
async function cancelMails(tx: Transaction, { caller }: Person, waiting: readonly Row[]): Promise<void> {
  const ids = waiting.map(({ id }) => id);
  await tx.$executeRaw(sql`UPDATE "Message" SET "status" = 'FAILED', "failureCode" = ${deletedCode}, "failureReason" = '',
      "failureIsPermanent" = true
    WHERE "workspaceId" = ${caller.workspaceId} AND "id" = ANY(${opaque(ids)}::text[])`);
  const failed = waiting.map(({ id, conversationId }): NewEvent => {
    const after = { conversationId, status: 'FAILED', code: deletedCode };
    return { type: 'message.failed', entityId: id, data: { after } };
  });
  await recordEvents(tx, caller, failed);
}

/** The failure code of an e-mail whose contact was deleted. */
const deletedCode = 'CONTACT_DELETED';

/** Masks the person's names in the messages. Returns the ids of the changed ones. */
export async function maskMessages(
  tx: Transaction,
  workspaceId: string,
  rows: readonly MessageTexts[],
  mask: Mask,
): Promise<string[]> {
  const changed = rows.flatMap((row) => {
    const text = mask.text(row.text);
    const made = {
      id: row.id,
      text,
      html: row.html === null ? null : mask.html(row.html),
      preview: text === row.text ? mask.text(row.preview) : previewOf(text),
      // A message of an agent keeps the name of the agent.
      authorName: row.authorName === null || row.agentId !== null ? row.authorName : mask.text(row.authorName),
      externalId: unnamed(mask, row.externalId),
      emailMessageId: unnamed(mask, row.emailMessageId),
      participants: mask.json(row.participants),
    };
    const names = Object.keys(made) as (keyof typeof made)[];
    return names.some((name) => made[name] !== row[name]) ? made : [];
  });
  if (changed.length === 0) return [];
  await tx.$executeRaw(sql`UPDATE "Message" AS m SET "text" = n."text", "html" = n."html", "preview" = n."preview",
      "authorName" = n."authorName", "externalId" = n."externalId", "emailMessageId" = n."emailMessageId",
      "participants" = n."participants", "version" = m."version" + 1
    FROM json_populate_recordset(NULL::"Message", ${JSON.stringify(changed)}::json) AS n
    WHERE m."workspaceId" = ${workspaceId} AND m."id" = n."id"`);
  return changed.map(({ id }) => id);
}

/** The identifier, or null if it names the person. */
export const unnamed = (mask: Mask, id: string | null): string | null =>
  id !== null && mask.text(id) === id ? id : null;

async function maskFilesOf(
  tx: Transaction,
  workspaceId: string,
  messages: readonly { id: string }[],
  mask: Mask,
): Promise<number> {
  const ids = messages.map(({ id }) => id);
  const files = await tx.$queryRaw<Pick<MessageAttachment, 'id' | 'fileName' | 'url'>[]>(sql`
    SELECT a."id", a."fileName", a."url" FROM "MessageAttachment" AS a
    WHERE a."workspaceId" = ${workspaceId} AND a."messageId" = ANY(${opaque(ids)}::text[])`);
  const changed = files.flatMap(({ id, fileName, url }) => {
    const made = { id, fileName: mask.text(fileName), url: url === null ? null : mask.text(url) };
    return made.fileName === fileName && made.url === url ? [] : made;
  });
  if (changed.length === 0) return 0;
  return tx.$executeRaw(sql`UPDATE "MessageAttachment" AS a SET "fileName" = n."fileName", "url" = n."url"
    FROM json_populate_recordset(NULL::"MessageAttachment", ${JSON.stringify(changed)}::json) AS n
    WHERE a."workspaceId" = ${workspaceId} AND a."id" = n."id"`);
}
