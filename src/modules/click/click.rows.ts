import type { Caller } from '../../auth/caller.js';
import { sql, type Transaction } from '../../db/database.js';
import { clicks } from '../../db/reading/tables.js';
import type { Click } from '../../generated/prisma/client.js';
import { LedgerChanges, noChange, settleCustomers } from '../customer/customer.ledger.js';
import { recordEvents } from '../events/event.service.js';

/** The clicks with these clickIds, not locked. */
export function readClicks(tx: Transaction, workspaceId: string, clickIds: readonly string[]): Promise<Click[]> {
  if (clickIds.length === 0) return Promise.resolve([]);
  return tx.$queryRaw<Click[]>(sql`SELECT ${clicks.project().select('r')} FROM "Click" AS r
    WHERE r."workspaceId" = ${workspaceId} AND r."clickId" = ANY(${clickIds}::text[]) ORDER BY r."id"`);
}

/** The same, locked. Customers must be locked before clicks. */
export function lockClicks(tx: Transaction, workspaceId: string, clickIds: readonly string[]): Promise<Click[]> {
  if (clickIds.length === 0) return Promise.resolve([]);
  return tx.$queryRaw<Click[]>(sql`SELECT ${clicks.project().select('r')} FROM "Click" AS r
    WHERE r."workspaceId" = ${workspaceId} AND r."clickId" = ANY(${clickIds}::text[]) ORDER BY r."id" FOR UPDATE`);
}

/** Whether each click still has the same customer. */
export function haveSameOwners(before: readonly Click[], now: readonly Click[]): boolean {
  return before.length === now.length && before.every(({ customerId }, place) => now[place]?.customerId === customerId);
}

/** Assigns locked clicks without a customer to customers. */
export async function assignClicks(
  tx: Transaction,
  workspaceId: string,
  owners: ReadonlyMap<string, string>,
): Promise<void> {
  if (owners.size === 0) return;
  await tx.$executeRaw(sql`UPDATE "Click" AS r SET "customerId" = n."customerId"
    FROM unnest(${[...owners.keys()]}::text[], ${[...owners.values()]}::text[]) AS n("id", "customerId")
    WHERE r."workspaceId" = ${workspaceId} AND r."id" = n."id"`);
}

/** Assigns one locked click without a customer to a locked customer, updates the customer and records the event. */
export async function claimLocked(tx: Transaction, caller: Caller, click: Click, customerId: string): Promise<Click> {
  const { workspaceId } = caller;
  await assignClicks(tx, workspaceId, new Map([[click.id, customerId]]));
  const changes = new LedgerChanges();
  changes.add(customerId, noChange);
  await settleCustomers(tx, workspaceId, changes);
  await recordEvents(tx, caller, [{ type: 'click.claimed', entityId: click.id, data: { after: { customerId } } }]);
  return { ...click, customerId };
}
