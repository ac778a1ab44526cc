import { isDeepStrictEqual } from 'node:util';
import { raw, type Sql, sql, type Transaction } from '../../../db/database.js';
import { encodeGlobalId } from '../../../db/global-id.js';
import { identifier } from '../../../db/reading/tables.js';
import type { Identity, Mask } from '../../../lib/text/mask.js';
import { forgetAnswersAbout } from '../../events/event.blanking.js';
import { eraseNamingAnswers } from '../../idempotency/idempotency.erasure.js';
import { eraseBlockedSenders, eraseRejectedMails, forgetRawMails } from './erasure.files.js';
import { type MessageTexts, maskMessages } from './erasure.messages.js';
import { mayName, searchQuery } from './erasure.patterns.js';
import type { ErasedThing } from './erasure.receipt.js';
import { type Batch, done, type Person, type Place, type Step } from './erasure.steps.js';

/** Masks the person's names outside the person's own rows, in texts about others. */

/** The text columns of a table that is scanned as a whole. */
interface Texts {
  table: ErasedThing;
  columns: readonly string[];
  /** Those of the columns that are JSON. */
  json?: readonly string[];
  /** Further assignments when a row changes. */
  also?: Sql;
}

const nextVersion = raw(`, "version" = t."version" + 1, "updatedAt" = now()`);

const tables: readonly Texts[] = [
  {
    table: 'Customer',
    columns: ['notes', 'lastMessagePreview', 'tags', 'metadata'],
    json: ['tags', 'metadata'],
    also: nextVersion,
  },
  { table: 'Conversation', columns: ['notes', 'metadata'], json: ['metadata'], also: nextVersion },
  // No index covers the participants of a message.
  { table: 'Message', columns: ['participants', 'failureRecipient'], json: ['participants'] },
  { table: 'MessageAttachment', columns: ['fileName', 'url'] },
  { table: 'Click', columns: ['url', 'referrer', 'utmSource', 'utmMedium', 'utmCampaign', 'source'] },
  { table: 'Link', columns: ['name', 'url', 'tags'], json: ['tags'], also: nextVersion },
  { table: 'Upload', columns: ['fileName'] },
  { table: 'Conversion', columns: ['metadata'], json: ['metadata'] },
  { table: 'WebhookEndpoint', columns: ['description'] },
  { table: 'BlockedSender', columns: ['reason'] },
  { table: 'DomainEvent', columns: ['data'], json: ['data'] },
];

/** How many rows are scanned at once. Ten scanned rows count as one row of the person in the limit per transaction. */
const windowSize = 5_000;
const rowsAsOne = 10;

/** The steps that mask the person's names outside the person's own rows. */
export const elsewhere: readonly Step[] = [
  found('Message', maskFoundMessages),
  found('Conversation', maskFoundConversations),
  ...tables.map(lookThrough),
  eraseRejectedMails,
  eraseBlockedSenders,
  eraseAnswers,
];

/** A step that scans a table by its primary key. */
function lookThrough({ table, columns, json = [], also = raw('') }: Texts): Step {
  const name = identifier(table);
  const list = raw(columns.map((column) => `t."${column}"`).join(', '));
  const text = raw(columns.map((column) => `COALESCE(t."${column}"::text, '')`).join(` || ' ' || `));
  const set = raw(columns.map((column) => `"${column}" = n."${column}"`).join(', '));
  return async (tx, { caller: { workspaceId }, elsewhere: mask, elsewhereNames }, after) => {
    if (!mask) return done({});
    const [bounds] = await tx.$queryRaw<{ count: number; last: string | null }[]>(sql`
      SELECT count(*)::int AS "count", max("id") AS "last" FROM (
        SELECT "id" FROM ${name} WHERE "workspaceId" = ${workspaceId} AND "id" > ${after?.id ?? ''}
        ORDER BY "id" LIMIT ${windowSize}) AS few`);
    const { count = 0, last = null } = bounds ?? {};
    if (last === null) return done({});
    const rows = await tx.$queryRaw<TextRow[]>(sql`SELECT t."id", ${list} FROM ${name} AS t
      WHERE t."workspaceId" = ${workspaceId} AND t."id" > ${after?.id ?? ''} AND t."id" <= ${last}
        AND ${mayName(elsewhereNames)(text)}
      ORDER BY t."id" FOR UPDATE`);
    const changed = rows.flatMap((row) => {
      const made: TextRow = { ...row };
      for (const column of columns) made[column] = masked(mask, row[column], json.includes(column));
      return columns.some((column) => made[column] !== row[column]) ? made : [];
    });
    const counted = await tx.$executeRaw(sql`UPDATE ${name} AS t SET ${set}${also}
      FROM json_populate_recordset(NULL::${name}, ${JSON.stringify(changed)}::json) AS n
      WHERE t."workspaceId" = ${workspaceId} AND t."id" = n."id"`);
    const attempts = await forgetAnswersOf(tx, workspaceId, changed);
    if (table === 'Message') {
      await forgetRawMails(
        tx,
        workspaceId,
        changed.map(({ id }) => id),
      );
    }
    return {
      rows: Math.ceil(count / rowsAsOne),
      next: count < windowSize ? null : { id: last },
      counts: { [`${table} MASKED`]: counted, 'WebhookAttempt BLANKED': attempts },
    };
  };
}

/** The id of a row and some of its text columns. */
interface TextRow {
  id: string;
  [column: string]: unknown;
}

const forgetAnswersOf = async (
  tx: Transaction,
  workspaceId: string,
  rows: readonly { id: string }[],
): Promise<number> =>
  rows.length === 0
    ? 0
    : forgetAnswersAbout(
        tx,
        workspaceId,
        rows.map(({ id }) => id),
      );

const masked = (mask: Mask, value: unknown, isJson: boolean): unknown =>
  isJson ? mask.json(value) : typeof value === 'string' ? mask.text(value) : value;

type MaskRows = (
  tx: Transaction,
  workspaceId: string,
  condition: Sql,
  mask: Mask,
) => Promise<{ ids: string[]; changed: string[] }>;

/** A step that masks the rows that the search index finds. */
function found(table: 'Message' | 'Conversation', maskRows: MaskRows): Step {
  return async (tx, person, after, limit) => {
    const { caller, elsewhere: mask, elsewhereNames } = person;
    const query = searchQuery(elsewhereNames);
    if (!mask || !query) return done({});
    const rows = sql`SELECT m."id" FROM ${identifier(table)} AS m
      WHERE m."workspaceId" = ${caller.workspaceId} AND m."search" @@ ${query} AND m."id" > ${after?.id ?? ''}
      ORDER BY m."id" LIMIT ${limit}`;
    const { ids, changed } = await maskRows(tx, caller.workspaceId, rows, mask);
    const attempts = await forgetAnswersOf(
      tx,
      caller.workspaceId,
      changed.map((id) => ({ id })),
    );
    const last = ids.at(-1);
    const next: Place | null = last === undefined || ids.length < limit ? null : { id: last };
    return {
      rows: ids.length,
      next,
      // Files in the outbox directory are copies of the messages.
      mails: table === 'Message' ? changed : [],
      counts: { [`${table} MASKED`]: changed.length, 'WebhookAttempt BLANKED': attempts },
    };
  };
}

async function maskFoundMessages(tx: Transaction, workspaceId: string, ids: Sql, mask: Mask) {
  const rows = await tx.$queryRaw<MessageTexts[]>(sql`
    SELECT m."id", m."text", m."html", m."preview", m."authorName", m."agentId", m."externalId", m."emailMessageId", m."participants"
    FROM "Message" AS m WHERE m."workspaceId" = ${workspaceId} AND m."id" IN (${ids}) ORDER BY m."id" FOR UPDATE`);
  const changed = await maskMessages(tx, workspaceId, rows, mask);
  await forgetRawMails(tx, workspaceId, changed);
  return { ids: rows.map(({ id }) => id), changed };
}

interface ConversationTexts {
  id: string;
  subject: string | null;
  lastMessagePreview: string;
  tags: string[];
}

async function maskFoundConversations(tx: Transaction, workspaceId: string, ids: Sql, mask: Mask) {
  const rows = await tx.$queryRaw<ConversationTexts[]>(sql`SELECT c."id", c."subject", c."lastMessagePreview", c."tags"
    FROM "Conversation" AS c WHERE c."workspaceId" = ${workspaceId} AND c."id" IN (${ids}) ORDER BY c."id" FOR UPDATE`);
  const changed = rows.flatMap(({ id, ...texts }) => {
    const made = {
      subject: texts.subject && mask.text(texts.subject),
      lastMessagePreview: mask.text(texts.lastMessagePreview),
      tags: texts.tags.map((tag) => mask.text(tag)),
    };
    return isDeepStrictEqual(made, texts) ? [] : { id, ...made };
  });
  await tx.$executeRaw(sql`UPDATE "Conversation" AS c SET "subject" = n."subject",
      "lastMessagePreview" = n."lastMessagePreview", "tags" = n."tags", "version" = c."version" + 1, "updatedAt" = now()
    FROM json_populate_recordset(NULL::"Conversation", ${JSON.stringify(changed)}::json) AS n
    WHERE c."workspaceId" = ${workspaceId} AND c."id" = n."id"`);
  return { ids: rows.map(({ id }) => id), changed: changed.map(({ id }) => id) };
}

/** The types under which the graph shows a customer. */
const nodeTypes = ['Customer', 'Contact', 'TrackedCustomer'] as const;

/**
 * Erases stored answers to idempotency keys that contain the person's names or ids. Must be the last step: see
 * `eraseNamingAnswers`.
 */
async function eraseAnswers(tx: Transaction, person: Person, after: Place | null): Promise<Batch> {
  const { caller, customerIds, elsewhere: mask, elsewhereNames } = person;
  const ids = customerIds.flatMap((id) => [id, ...nodeTypes.map((type) => encodeGlobalId(type, id))]);
  const sought: Identity = { ...elsewhereNames, externalIds: [...elsewhereNames.externalIds, ...ids] };
  const about = {
    names: (text: string) => mask !== null && mask.text(text) !== text,
    identifies: (text: string) => ids.some((id) => text.includes(id)),
  };
  const window = { workspaceId: caller.workspaceId, after: after?.id ?? '', limit: windowSize };
  const { erased, scanned, last } = await eraseNamingAnswers(tx, window, mayName(sought), about);
  return {
    rows: Math.ceil(scanned / rowsAsOne),
    next: last === null ? null : { id: last },
    counts: { 'IdempotencyRecord BLANKED': erased },
  };
}
