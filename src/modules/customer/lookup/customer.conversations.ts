import type { Caller } from '../../../auth/caller.js';
import { sql, type Transaction } from '../../../db/database.js';
import { customers } from '../../../db/reading/tables.js';
import type { Customer } from '../../../generated/prisma/client.js';
import { type CustomerRef, matches } from './customer.lookup.js';

/**
 * Locks the conversations of the customer of the reference. A write of a message locks the conversation before the
 * customer; a write of all conversations of a customer uses the same order, so that there are no deadlocks.
 */
export async function lockConversationsOf(tx: Transaction, { workspaceId }: Caller, ref: CustomerRef): Promise<void> {
  await tx.$executeRaw(sql`SELECT count(*) FROM (SELECT 1 FROM "Conversation" AS c
    WHERE c."workspaceId" = ${workspaceId} AND c."customerId" = (SELECT COALESCE(m."mergedIntoId", m."id")
      FROM "Customer" AS m WHERE m."workspaceId" = ${workspaceId} AND ${matches(ref, 'm')})
    ORDER BY c."id" FOR UPDATE) AS locked`);
}

/** Computes the columns of locked customers that sum up their conversations again. */
export async function recountCustomers(
  tx: Transaction,
  { workspaceId }: Caller,
  ids: readonly string[],
): Promise<Map<string, Customer>> {
  const rows = await tx.$queryRaw<Customer[]>(sql`UPDATE "Customer" AS r
    SET "conversationCount" = (SELECT count(*)::int FROM "Conversation" AS c
        WHERE c."workspaceId" = ${workspaceId} AND c."customerId" = r."id"),
      ("lastMessageAt", "lastMessagePreview") = (SELECT c."lastMessageAt", c."lastMessagePreview" FROM "Conversation" AS c
        WHERE c."workspaceId" = ${workspaceId} AND c."customerId" = r."id"
        ORDER BY c."lastMessageAt" DESC, c."id" DESC LIMIT 1)
    WHERE r."workspaceId" = ${workspaceId} AND r."id" = ANY(${ids}::text[])
    RETURNING ${customers.project().select('r')}`);
  return new Map(rows.map((row) => [row.id, row]));
}
