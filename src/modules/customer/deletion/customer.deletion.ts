import type { z } from 'zod';
import type { Caller } from '../../../auth/caller.js';
import { type Database, sql, type Transaction } from '../../../db/database.js';
import { newId } from '../../../db/ids.js';
import { enqueue, jobKind } from '../../../db/queue/jobs.js';
import { type Workers, workers } from '../../../db/queue/queue.js';
import { parseInput } from '../../../lib/values/validation.js';
import { recordEvents } from '../../events/event.service.js';
import { deleteCustomerInput } from '../customer.input.js';
import { type CustomerRef, type LockOptions, lockCustomer, readIdOrUuid } from '../lookup/customer.lookup.js';
import { namesOf } from './erasure.person.js';
import { advance, type ErasureKey, type Progress } from './erasure.progress.js';
import type { DeletionMode, DeletionReceiptEntry } from './erasure.receipt.js';

export type DeleteCustomerInput = z.input<typeof deleteCustomerInput>;

export interface DeletedCustomer {
  /** The plain id of the customer that was deleted. */
  deletedId: string;
  deletedUuid: string;
  mode: DeletionMode;
  receipt: DeletionReceiptEntry[];
}

/** The data that is kept outside the database. */
export interface KeptElsewhere {
  /** Removes the mails of these messages from the outbox directory. Returns how many there were. */
  forgetMails(messageIds: readonly string[]): Promise<number>;
  /** Removes the stored files of the workspace that nothing refers to any more. */
  forgetFiles(workspaceId: string): Promise<void>;
  /** Clears what processes cache of the workspace. */
  forgetWorkspace(workspaceId: string): void;
}

export const nothingElsewhere: KeptElsewhere = {
  forgetMails: async () => 0,
  forgetFiles: async () => undefined,
  forgetWorkspace: () => undefined,
};

/**
 * Deletes a person: the customer and the customers that were merged into it.
 *
 * The first transaction removes the personal data from the customers and marks them as deleted, so that nothing finds
 * them or adds to them. Further transactions follow, each for a bounded number of rows. PURGE removes the customers,
 * their conversations, messages, clicks and conversions. SCRUB keeps the rows: it removes what the person wrote and
 * notes about the person, masks the person's names in messages of the team, and closes the open conversations. In both
 * modes events keep their times, every personal value in them becomes null, and the names are masked in all other texts
 * of the workspace. A job resumes a deletion that was interrupted.
 */
export function deleteCustomer(
  db: Database,
  caller: Caller,
  input: DeleteCustomerInput,
  kept: KeptElsewhere,
): Promise<DeletedCustomer> {
  const { id, mode, ...options } = parseInput(deleteCustomerInput, input);
  return deleteNamed(db, caller, readIdOrUuid(id, ['id']), mode, { path: ['id'], ...options }, kept);
}

/** Deletes the customer of a reference in the same way. @throws NOT_FOUND, CONFLICT for `ifVersion`. */
export async function deleteNamed(
  db: Database,
  caller: Caller,
  ref: CustomerRef,
  mode: DeletionMode,
  options: LockOptions,
  kept: KeptElsewhere,
): Promise<DeletedCustomer> {
  const { key, ...deleted } = await db.transaction((tx) => begin(tx, caller, ref, mode, options));
  return { ...deleted, mode, receipt: await finish(db, key, kept) };
}

async function begin(tx: Transaction, caller: Caller, ref: CustomerRef, mode: DeletionMode, options: LockOptions) {
  const { workspaceId, actorId } = caller;
  const { id, uuid } = await lockCustomer(tx, caller, ref, options);
  const merged = await tx.$queryRaw<{ id: string }[]>(sql`SELECT c."id" FROM "Customer" AS c
    WHERE c."workspaceId" = ${workspaceId} AND c."mergedIntoId" = ${id} ORDER BY c."id" FOR UPDATE`);
  const customerIds = [id, ...merged.map((row) => row.id)];
  const identity = await namesOf(tx, workspaceId, customerIds);
  await tx.$executeRaw(sql`UPDATE "Customer"
    SET "externalId" = NULL, "email" = NULL, "otherEmails" = '{}', "name" = NULL, "phone" = NULL, "phoneE164" = NULL, "avatarUrl" = NULL,
      "notes" = NULL, "tags" = '{}', "metadata" = '{}', "lastMessagePreview" = NULL, "wasIdentified" = "externalId" IS NOT NULL,
      "deletedAt" = now(), "version" = "version" + 1, "updatedAt" = now()
    WHERE "workspaceId" = ${workspaceId} AND "id" = ANY(${customerIds}::text[])`);
  await recordEvents(tx, caller, [{ type: 'customer.deleted', entityId: id, data: { mode, uuid } }]);
  const key: ErasureKey = { workspaceId, erasureId: newId('Erasure') };
  await tx.$executeRaw(sql`INSERT INTO "Erasure" ("workspaceId", "id", "customerIds", "mode", "actorId", "identity")
    VALUES (${workspaceId}, ${key.erasureId}, ${customerIds}, ${mode}, ${actorId}, ${JSON.stringify(identity)}::jsonb)`);
  await enqueue(tx, erasureJob, [{ payload: key, runAt: new Date(Date.now() + resumeAfterMs) }]);
  return { key, deletedId: id, deletedUuid: uuid };
}

/** Does the remaining parts of a deletion, and returns the receipt. */
async function finish(db: Database, key: ErasureKey, kept: KeptElsewhere): Promise<DeletionReceiptEntry[]> {
  let removed: number | null = null;
  for (;;) {
    const progress: Progress = await next(db, key, removed);
    if ('receipt' in progress) {
      await kept.forgetFiles(key.workspaceId);
      kept.forgetWorkspace(key.workspaceId);
      return progress.receipt;
    }
    removed = progress.mails.length > 0 ? await kept.forgetMails(progress.mails) : null;
  }
}

const next = (db: Database, key: ErasureKey, removed: number | null): Promise<Progress> =>
  db.transaction((tx) => advance(tx, key, removed), { timeoutMs });

/** The time limit of one part, even on a busy machine. */
const timeoutMs = 60_000;

const erasureJob = jobKind<ErasureKey>('customer.erase');
/** By then the request that began the deletion has usually finished it. */
const resumeAfterMs = 30_000;

/** Resumes deletions that were interrupted. */
export const erasureWorkers = (db: Database, kept: KeptElsewhere): Workers =>
  workers(erasureJob, 1, async (key) => {
    await finish(db, key, kept);
  });
