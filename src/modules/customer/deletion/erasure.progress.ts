import { operatorOf } from '../../../auth/caller.js';
import { sql, type Transaction } from '../../../db/database.js';
import { maskOf, maskWhereNamed } from '../../../lib/text/mask.js';
import { eraseConversations, removeConversations } from './erasure.conversations.js';
import { eraseClicks, eraseConversions, eraseCustomers } from './erasure.customers.js';
import { elsewhere } from './erasure.elsewhere.js';
import { eraseMessages } from './erasure.messages.js';
import type { PersonNames } from './erasure.person.js';
import { addCounts, type Counts, type DeletionMode, type DeletionReceiptEntry, receiptOf } from './erasure.receipt.js';
import type { Person, Place, Step } from './erasure.steps.js';

/** Identifies a deletion. */
export interface ErasureKey {
  workspaceId: string;
  erasureId: string;
}

/** The progress of a deletion: the receipt when it is finished. */
export type Progress =
  | { receipt: DeletionReceiptEntry[] }
  /** The messages whose e-mails must be removed from the outbox directory before the next part. */
  | { mails: string[] };

/**
 * The steps for the person's own rows. Each step is finished before the next one begins. They take few transactions
 * together.
 */
const own: Readonly<Record<DeletionMode, readonly Step[]>> = {
  SCRUB: [eraseConversations, eraseMessages, eraseClicks, eraseConversions, eraseCustomers],
  PURGE: [eraseConversations, eraseMessages, removeConversations, eraseConversions, eraseClicks, eraseCustomers],
};

/** Approximately how many rows one transaction writes. */
const rowsAtOnce = 500;

interface Row {
  customerIds: [string, ...string[]];
  mode: DeletionMode;
  actorId: string | null;
  identity: PersonNames | null;
  step: number;
  cursor: Place | null;
  mails: string[];
  counts: Counts;
}

/**
 * Does the next part of a deletion. `removed` is how many e-mails of the last part were found in the outbox directory
 * and removed; null if they have not been removed yet.
 */
export async function advance(
  tx: Transaction,
  { workspaceId, erasureId }: ErasureKey,
  removed: number | null,
): Promise<Progress> {
  const key = sql`"workspaceId" = ${workspaceId} AND "id" = ${erasureId}`;
  const [row] = await tx.$queryRaw<
    Row[]
  >(sql`SELECT "customerIds", "mode", "actorId", "identity", "step", "cursor", "mails", "counts"
    FROM "Erasure" WHERE ${key} FOR UPDATE`);
  if (!row?.identity) return { receipt: receiptOf(row?.mode ?? 'PURGE', row?.counts ?? {}) };
  if (row.mails.length > 0 && removed === null) return { mails: row.mails };
  const { mode, customerIds, actorId, identity } = row;
  const ownMask = maskOf(identity.own);
  const certain = maskOf(identity.elsewhere);
  const person: Person = {
    caller: { ...operatorOf(workspaceId), actorId },
    customerIds,
    mode,
    own: ownMask,
    elsewhere: certain && ownMask && maskWhereNamed(certain, ownMask),
    elsewhereNames: identity.elsewhere,
  };
  const steps = [...own[mode], ...elsewhere];
  let { step, cursor, counts } = row;
  const mails: string[] = [];
  if (removed) counts = addCounts(counts, { 'MailFile REMOVED': removed });
  // Own rows and other rows are never in one transaction, so that locks on own rows are not held during long scans.
  const isOwn = step < own[mode].length;
  for (let rows = 0; rows < rowsAtOnce && step < steps.length && isOwn === step < own[mode].length; ) {
    const batch = await steps[step]?.(tx, person, cursor, rowsAtOnce);
    rows += batch?.rows ?? 0;
    counts = addCounts(counts, batch?.counts ?? {});
    mails.push(...(batch?.mails ?? []));
    cursor = batch?.next ?? null;
    if (cursor === null) step += 1;
  }
  const isDone = step === steps.length && mails.length === 0;
  await tx.$executeRaw(sql`UPDATE "Erasure" SET "step" = ${step}, "cursor" = ${JSON.stringify(cursor)}::jsonb,
      "counts" = ${JSON.stringify(counts)}::jsonb, "mails" = ${mails},
      "identity" = ${isDone ? null : JSON.stringify(identity)}::jsonb,
      "finishedAt" = CASE WHEN ${isDone} THEN now() END
    WHERE ${key}`);
  return isDone ? { receipt: receiptOf(mode, counts) } : { mails };
}
