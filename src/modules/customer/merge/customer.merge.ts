import type { z } from 'zod';
import type { Caller } from '../../../auth/caller.js';
import { type Database, isUniqueViolation, sql, type Transaction } from '../../../db/database.js';
import { newId } from '../../../db/ids.js';
import { badInput, conflict, notFound } from '../../../errors.js';
import type { Customer, Prisma } from '../../../generated/prisma/client.js';
import { parseInput } from '../../../lib/values/validation.js';
import { nextVersion, requireVersion } from '../../../lib/values/version.js';
import { recordEvents } from '../../events/event.service.js';
import { mergeCustomersInput, unmergeCustomersInput } from '../customer.input.js';
import { recountLedger } from '../customer.ledger.js';
import { lockConversationsOf, recountCustomers } from '../lookup/customer.conversations.js';
import { lockNamed, matches, type NamedCustomer, readIdOrUuid } from '../lookup/customer.lookup.js';
import { derivedFrom } from '../phone/customer.phone.js';
import { endsSuspension, enqueueResumption } from '../suspension/customer.suspension.js';
import { type Gains, gainsOf, withoutGains } from './customer.merge.gains.js';

export type MergeCustomersInput = z.input<typeof mergeCustomersInput>;
export type UnmergeCustomersInput = z.input<typeof unmergeCustomersInput>;

export interface CustomerMergeResult {
  /** The survivor. */
  customer: Customer;
  result: 'MERGED' | 'UNCHANGED';
  conversationsMoved: number;
  changedFields: string[];
}

export interface UnmergedCustomers {
  /** The customer that is separate again. */
  source: Customer;
  /** The customer that it was merged into. */
  target: Customer;
  conversationsMoved: number;
}

export const daysToUndo = 30;
const dayMs = 86_400_000;

/**
 * Merges two customers into one: the target gets the conversations, the revenue, the tags and the e-mail addresses of the
 * source, and its values where the target has none. The row of the source stays as a tombstone with the values that the target did not
 * take. From then on its id, externalId and e-mail lead to the target.
 * @throws InvalidInput, NOT_FOUND for either, CONFLICT for the versions and when the target was merged into the source.
 */
export function mergeCustomers(db: Database, caller: Caller, input: MergeCustomersInput): Promise<CustomerMergeResult> {
  const { ifSourceVersion, ifTargetVersion, ...ids } = parseInput(mergeCustomersInput, input);
  const sourceRef = readIdOrUuid(ids.sourceId, ['sourceId']);
  const targetRef = readIdOrUuid(ids.targetId, ['targetId']);

  return db.transaction(async (tx) => {
    await lockConversationsOf(tx, caller, sourceRef);
    const [sourceNamed, targetNamed] = await lockBoth(tx, caller, sourceRef, targetRef);
    if (!isAlive(sourceNamed)) throw notFound('Customer', ['sourceId']);
    if (!isAlive(targetNamed)) throw notFound('Customer', ['targetId']);
    if (sourceNamed.by.id === targetNamed.by.id) {
      throw badInput(['sourceId'], 'A customer cannot be merged into itself.');
    }
    const source = sourceNamed.customer;
    const target = targetNamed.customer;
    if (source.id === target.id) {
      if (sourceNamed.by.id !== source.id)
        return { customer: target, result: 'UNCHANGED', conversationsMoved: 0, changedFields: [] };
      throw conflict(['targetId'], `This customer was merged into the source already: ${source.id}.`, source.id);
    }
    requireVersion('customer', source, ifSourceVersion, 'ifSourceVersion');
    requireVersion('customer', target, ifTargetVersion, 'ifTargetVersion');
    return mergeLocked(tx, caller, source, target);
  });
}

async function mergeLocked(
  tx: Transaction,
  caller: Caller,
  source: Customer,
  target: Customer,
): Promise<CustomerMergeResult> {
  const { workspaceId, actorId } = caller;
  const gains = gainsOf(target, source);
  // The source first: the externalId and e-mail that the target takes over must be free.
  await tx.customer.update({
    where: { workspaceId_id: { workspaceId, id: source.id } },
    data: nextVersion({
      ...('externalId' in gains.after && { externalId: null }),
      email: null,
      otherEmails: [],
      mergedIntoId: target.id,
    }),
  });
  await tx.customer.update({
    where: { workspaceId_id: { workspaceId, id: target.id } },
    data: nextVersion({
      ...(gains.after as Prisma.CustomerUpdateInput),
      ...(await derivedFrom(gains.after, tx, workspaceId)),
    }),
  });
  const [moved] = await tx.$queryRaw<{ conversations: number }[]>(sql`
    WITH moved AS (
      UPDATE "Conversation" SET "customerId" = ${target.id}
      WHERE "workspaceId" = ${workspaceId} AND "customerId" = ${source.id} RETURNING "id"
    ), clicks AS (
      UPDATE "Click" SET "customerId" = ${target.id}
      WHERE "workspaceId" = ${workspaceId} AND "customerId" = ${source.id} RETURNING "id"
    ), conversions AS (
      UPDATE "Conversion" SET "customerId" = ${target.id}
      WHERE "workspaceId" = ${workspaceId} AND "customerId" = ${source.id} RETURNING "id"
    ), redirected AS (
      UPDATE "Customer" SET "mergedIntoId" = ${target.id}
      WHERE "workspaceId" = ${workspaceId} AND "mergedIntoId" = ${source.id} RETURNING "id"
    )
    INSERT INTO "CustomerMerge"
      ("workspaceId", "id", "sourceId", "targetId", "actorId", "gained", "conversationIds", "clickIds", "conversionIds",
      "redirectedIds")
    VALUES (${workspaceId}, ${newId('CustomerMerge')}, ${source.id}, ${target.id}, ${actorId},
      ${JSON.stringify(gains.record)}::jsonb, ARRAY(SELECT "id" FROM moved),
      ARRAY(SELECT "id" FROM clicks), ARRAY(SELECT "id" FROM conversions), ARRAY(SELECT "id" FROM redirected))
    RETURNING cardinality("conversationIds") AS "conversations"`);
  const conversationsMoved = moved?.conversations ?? 0;
  await recountLedger(tx, workspaceId, [source.id, target.id]);
  const customers = await recountCustomers(tx, caller, [source.id, target.id]);
  const { before, after } = gains;
  const data = { sourceId: source.id, targetId: target.id, conversationCount: conversationsMoved, before, after };
  await recordEvents(tx, caller, [
    { type: 'customer.merged', entityId: target.id, data: data as Prisma.InputJsonObject },
  ]);
  // The source was suspended and the target is not, so the suspension of the source's addresses ends.
  if (endsSuspension(source, target)) await enqueueResumption(tx, workspaceId);
  const customer = customers.get(target.id) ?? target;
  return { customer, result: 'MERGED', conversationsMoved, changedFields: Object.keys(after) };
}

/**
 * Undoes a merge, for `daysToUndo` days: the source gets its conversations and revenue back, and the target loses what
 * it got from the source, except values that were changed since.
 * @throws InvalidInput, NOT_FOUND, CONFLICT when it is not merged, too long ago, or the target was itself merged later.
 */
export async function unmergeCustomers(
  db: Database,
  caller: Caller,
  input: UnmergeCustomersInput,
): Promise<UnmergedCustomers> {
  const ref = readIdOrUuid(parseInput(unmergeCustomersInput, input).sourceId, ['sourceId']);
  try {
    return await db.transaction(async (tx) => {
      await lockConversationsOf(tx, caller, ref);
      const [found] = await lockNamed(tx, caller, [matches(ref, 'named')]);
      if (!isAlive(found)) throw notFound('Customer', ['sourceId']);
      const sourceId = found.by.id;
      const merge = await tx.customerMerge.findFirst({
        where: { workspaceId: caller.workspaceId, sourceId, undoneAt: null },
        select: { id: true, targetId: true, mergedAt: true, gained: true },
      });
      const target = found.customer;
      if (target.id === sourceId) throw conflict(['sourceId'], 'This customer is not merged into another.');
      if (!merge)
        throw conflict(['sourceId'], 'What this merge changed is not known here: it was imported.', target.id);
      if (merge.targetId !== target.id) {
        const message = `The customer it was merged into was merged in turn: ${merge.targetId}. Unmerge that first.`;
        throw conflict(['sourceId'], message, merge.targetId);
      }
      if (merge.mergedAt.getTime() < Date.now() - daysToUndo * dayMs) {
        throw conflict(['sourceId'], `A merge can be taken back for ${daysToUndo} days.`, target.id);
      }
      return unmergeLocked(tx, caller, { id: merge.id, sourceId, gained: merge.gained as unknown as Gains }, target);
    });
  } catch (error) {
    if (!isUniqueViolation(error)) throw error;
    throw conflict(['sourceId'], 'Another customer has the externalId or e-mail of this one by now.');
  }
}

async function unmergeLocked(
  tx: Transaction,
  caller: Caller,
  merge: { id: string; sourceId: string; gained: Gains },
  target: Customer,
): Promise<UnmergedCustomers> {
  const { workspaceId } = caller;
  const { id: mergeId, sourceId, gained } = merge;
  const { before, after } = withoutGains(target, gained);
  // The target first: the externalId and e-mail that the source takes back must be free.
  await tx.customer.update({
    where: { workspaceId_id: { workspaceId, id: target.id } },
    data: nextVersion({
      ...(after as Prisma.CustomerUpdateInput),
      ...(await derivedFrom(after, tx, workspaceId)),
    }),
  });
  const source = await tx.customer.update({
    where: { workspaceId_id: { workspaceId, id: sourceId } },
    data: nextVersion({
      ...gained.names,
      mergedIntoId: null,
    }),
  });
  const [moved] = await tx.$queryRaw<{ conversations: number }[]>(sql`
    WITH merge AS (
      SELECT * FROM "CustomerMerge" WHERE "workspaceId" = ${workspaceId} AND "id" = ${mergeId}
    ), moved AS (
      UPDATE "Conversation" SET "customerId" = ${sourceId}
      WHERE "workspaceId" = ${workspaceId} AND "customerId" = ${target.id}
        AND "id" = ANY((SELECT "conversationIds" FROM merge)::text[]) RETURNING "id"
    ), clicks AS (
      UPDATE "Click" SET "customerId" = ${sourceId}
      WHERE "workspaceId" = ${workspaceId} AND "customerId" = ${target.id}
        AND "id" = ANY((SELECT "clickIds" FROM merge)::text[])
    ), conversions AS (
      -- Later refunds of these conversions move with them.
      UPDATE "Conversion" SET "customerId" = ${sourceId}
      WHERE "workspaceId" = ${workspaceId} AND "customerId" = ${target.id}
        AND COALESCE("refundOfId", "id") = ANY((SELECT "conversionIds" FROM merge)::text[])
    ), redirected AS (
      UPDATE "Customer" SET "mergedIntoId" = ${sourceId}
      WHERE "workspaceId" = ${workspaceId} AND "mergedIntoId" = ${target.id}
        AND "id" = ANY((SELECT "redirectedIds" FROM merge)::text[])
    ), undone AS (
      UPDATE "CustomerMerge" SET "undoneAt" = now(), "gained" = '{}'
      WHERE "workspaceId" = ${workspaceId} AND "id" = ${mergeId}
    )
    SELECT count(*)::int AS "conversations" FROM moved`);
  const conversationsMoved = moved?.conversations ?? 0;
  await recountLedger(tx, workspaceId, [sourceId, target.id]);
  const customers = await recountCustomers(tx, caller, [sourceId, target.id]);
  const data = { sourceId, targetId: target.id, conversationCount: conversationsMoved, before, after };
  await recordEvents(tx, caller, [
    { type: 'customer.unmerged', entityId: target.id, data: data as Prisma.InputJsonObject },
  ]);
  const recounted = (customer: Customer): Customer => customers.get(customer.id) ?? customer;
  return { source: recounted(source), target: recounted(target), conversationsMoved };
}

async function lockBoth(tx: Transaction, caller: Caller, source: string, target: string) {
  const lock = () => lockNamed(tx, caller, [matches(source, 'named'), matches(target, 'named')]);
  let found = await lock();
  // One of them may have been merged while this waited for the lock. The next statement finds the survivor.
  if (found.length < 2) found = await lock();
  const named = (ref: string): NamedCustomer | undefined => found.find(({ by }) => by.id === ref || by.uuid === ref);
  return [named(source), named(target)] as const;
}

const isAlive = (named: NamedCustomer | undefined): named is NamedCustomer => named?.customer.deletedAt === null;
