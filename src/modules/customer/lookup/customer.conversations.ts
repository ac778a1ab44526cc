import type { Caller } from '../../../auth/caller.js';
import { sql, type Transaction } from '../../../db/database.js';
import { customers } from '../../../db/reading/tables.js';
import type { Customer } from '../../../generated/prisma/client.js';
import { bears, type CustomerRef } from './customer.lookup.js';

/**
 * Locks the conversations of the customer that the reference names. Whoever adds a message locks the conversation before the
 * customer; whoever takes all conversations of a customer does it in the same order.
 */
export async function lockConversationsOf(tx: Transaction, { workspaceId }: Caller, ref: CustomerRef): Promise<void> {
  await tx.$executeRaw(sql`SELECT count(*) FROM (SELECT 1 FROM "Conversation" AS c
    WHERE c."workspaceId" = ${workspaceId} AND c."customerId" = (SELECT COALESCE(m."mergedIntoId", m."id")
      FROM "Customer" AS m WHERE m."workspaceId" = ${workspaceId} AND ${bears(ref, 'm')})
    ORDER BY c."id" FOR UPDATE) AS locked`);
}

/** Brings the columns that summarise the conversations of locked customers to what the conversations say. */
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
