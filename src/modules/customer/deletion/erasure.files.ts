import { opaque, raw, sql, type Transaction } from '../../../db/database.js';
import { comparableAddress } from '../../../lib/text/email.js';
import { blankEvents } from '../../events/event.blanking.js';
import { releaseFiles } from '../../file/file.references.js';
import { mayName } from './erasure.patterns.js';
import { type Batch, done, type Person } from './erasure.steps.js';

/** What is stored of e-mails: raw e-mails, attachments, rejected mails, and blocked senders. */

/** The stored files of these messages: raw mails and attachments. */
export async function digestsOf(
  tx: Transaction,
  workspaceId: string,
  messageIds: readonly string[],
): Promise<string[]> {
  const rows = await tx.$queryRaw<{ digest: string }[]>(sql`
    SELECT m."rawDigest" AS "digest" FROM "Message" AS m
    WHERE m."workspaceId" = ${workspaceId} AND m."id" = ANY(${opaque(messageIds)}::text[]) AND m."rawDigest" IS NOT NULL
    UNION SELECT a."digest" FROM "MessageAttachment" AS a
    WHERE a."workspaceId" = ${workspaceId} AND a."messageId" = ANY(${opaque(messageIds)}::text[]) AND a."digest" IS NOT NULL`);
  return rows.map(({ digest }) => digest);
}

/** Removes the raw e-mails of these messages, because they contain what was masked. */
export async function forgetRawMails(tx: Transaction, workspaceId: string, ids: readonly string[]): Promise<void> {
  if (ids.length === 0) return;
  const mails = await tx.$queryRaw<{ rawDigest: string }[]>(sql`SELECT m."rawDigest" FROM "Message" AS m
    WHERE m."workspaceId" = ${workspaceId} AND m."id" = ANY(${opaque(ids)}::text[]) AND m."rawDigest" IS NOT NULL`);
  if (mails.length === 0) return;
  await tx.$executeRaw(sql`UPDATE "Message" SET "rawDigest" = NULL
    WHERE "workspaceId" = ${workspaceId} AND "id" = ANY(${opaque(ids)}::text[])`);
  await releaseFiles(
    tx,
    workspaceId,
    mails.map(({ rawDigest }) => rawDigest),
  );
}

/**
 * Removes the rejected mails that the person sent or received, also at a tagged address, and those whose sender,
 * recipients, subject or reason name the person.
 */
export async function eraseRejectedMails(
  tx: Transaction,
  { caller: { workspaceId }, elsewhere: mask, elsewhereNames }: Person,
): Promise<Batch> {
  if (!mask) return done({});
  const addresses = elsewhereNames.emails.map(comparableAddress);
  const about = raw(`concat_ws(' ', "sender", array_to_string("recipients", ' '), "subject", "message")`);
  const found = await tx.$queryRaw<{ id: string; about: string; isParty: boolean }[]>(sql`
    SELECT "id", ${about} AS "about",
      COALESCE("sender" = ANY(${addresses}::text[]), false) OR "recipients" && ${addresses}::text[] AS "isParty"
    FROM "RejectedMail" WHERE "workspaceId" = ${workspaceId} AND (${mayName(elsewhereNames)(about)}
      OR "sender" = ANY(${addresses}::text[]) OR "recipients" && ${addresses}::text[])`);
  const ids = found.filter(({ about, isParty }) => isParty || mask.text(about) !== about).map(({ id }) => id);
  const rows = await tx.$queryRaw<{ digest: string }[]>(sql`DELETE FROM "RejectedMail"
    WHERE "workspaceId" = ${workspaceId} AND "id" = ANY(${opaque(ids)}::text[]) RETURNING "digest"`);
  await releaseFiles(
    tx,
    workspaceId,
    rows.map(({ digest }) => digest),
  );
  return done({ 'RejectedMail REMOVED': rows.length }, rows.length);
}

/** Removes the blocks of the person's addresses, and blanks the events of them. */
export async function eraseBlockedSenders(tx: Transaction, { caller, elsewhereNames }: Person): Promise<Batch> {
  const addresses = elsewhereNames.emails.map(comparableAddress);
  if (addresses.length === 0) return done({});
  const rows = await tx.$queryRaw<{ id: string }[]>(sql`DELETE FROM "BlockedSender"
    WHERE "workspaceId" = ${caller.workspaceId} AND "pattern" = ANY(${addresses}::text[]) RETURNING "id"`);
  if (rows.length === 0) return done({});
  const ids = rows.map(({ id }) => id);
  const { events, attempts } = await blankEvents(tx, caller, ids);
  const counts = { 'DomainEvent BLANKED': events, 'WebhookAttempt BLANKED': attempts };
  return done({ 'BlockedSender REMOVED': rows.length, ...counts }, rows.length);
}
