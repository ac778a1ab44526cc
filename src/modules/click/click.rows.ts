import type { Caller } from '../../auth/caller.js';
import { sql, type Transaction } from '../../db/database.js';
import { clicks } from '../../db/reading/tables.js';
import type { Click } from '../../generated/prisma/client.js';
import { LedgerChanges, noChange, settleCustomers } from '../customer/customer.ledger.js';
import { recordEvents } from '../events/event.service.js';

/** The clicks of these clickIds, as they are. */
export function readClicks(tx: Transaction, workspaceId: string, clickIds: readonly string[]): Promise<Click[]> {
  if (clickIds.length === 0) return Promise.resolve([]);
  return tx.$queryRaw<Click[]>(sql`SELECT ${clicks.project().select('r')} FROM "Click" AS r
    WHERE r."workspaceId" = ${workspaceId} AND r."clickId" = ANY(${clickIds}::text[]) ORDER BY r."id"`);
}

/** The same, locked. Whoever locks customers too locks those first. */
export function lockClicks(tx: Transaction, workspaceId: string, clickIds: readonly string[]): Promise<Click[]> {
  if (clickIds.length === 0) return Promise.resolve([]);
  return tx.$queryRaw<Click[]>(sql`SELECT ${clicks.project().select('r')} FROM "Click" AS r
    WHERE r."workspaceId" = ${workspaceId} AND r."clickId" = ANY(${clickIds}::text[]) ORDER BY r."id" FOR UPDATE`);
}

/** Whether each click still belongs to whom it did. */
export function haveSameOwners(before: readonly Click[], now: readonly Click[]): boolean {
  return before.length === now.length && before.every(({ customerId }, place) => now[place]?.customerId === customerId);
}

/** Gives locked clicks that belong to nobody to customers. */
export async function giveClicks(
  tx: Transaction,
  workspaceId: string,
  owners: ReadonlyMap<string, string>,
): Promise<void> {
  if (owners.size === 0) return;
  await tx.$executeRaw(sql`UPDATE "Click" AS r SET "customerId" = n."customerId"
    FROM unnest(${[...owners.keys()]}::text[], ${[...owners.values()]}::text[]) AS n("id", "customerId")
    WHERE r."workspaceId" = ${workspaceId} AND r."id" = n."id"`);
}

/** Gives one locked click that belongs to nobody to a locked customer, with all that follows from it. */
export async function claimLocked(tx: Transaction, caller: Caller, click: Click, customerId: string): Promise<Click> {
  const { workspaceId } = caller;
  await giveClicks(tx, workspaceId, new Map([[click.id, customerId]]));
  const changes = new LedgerChanges();
  changes.add(customerId, noChange);
  await settleCustomers(tx, workspaceId, changes);
  await recordEvents(tx, caller, [{ type: 'click.claimed', entityId: click.id, data: { after: { customerId } } }]);
  return { ...click, customerId };
}
