import type { Caller } from '../../auth/caller.js';
import { sql, type Transaction } from '../../db/database.js';
import { badInput, conflict } from '../../errors.js';
import type { Channel } from '../../generated/prisma/client.js';

/** The rules of the addresses of channels. */

interface Addresses {
  address?: string | null | undefined;
  otherAddresses?: string[] | undefined;
}

/** @throws BAD_USER_INPUT if a channel that is not an e-mail channel gets an address. */
export function requireMailbox({ kind }: Pick<Channel, 'kind'>, { address, otherAddresses = [] }: Addresses): void {
  if (kind === 'EMAIL') return;
  const message = 'Only a channel of the kind EMAIL has an address.';
  if (address != null) throw badInput(['address'], message);
  if (otherAddresses.length > 0) throw badInput(['otherAddresses'], message);
}

/**
 * Ensures that a mail to any of the addresses has exactly one channel. Concurrent callers wait until the transaction
 * ends.
 * @throws CONFLICT when another channel has one of them.
 */
export async function requireFree(
  tx: Transaction,
  { workspaceId }: Caller,
  { kind, name }: Pick<Channel, 'kind' | 'name'>,
  { address, otherAddresses = [] }: Addresses,
): Promise<void> {
  if (address == null && otherAddresses.length === 0) return;
  await tx.$queryRaw(sql`SELECT "id" FROM "Workspace" WHERE "id" = ${workspaceId} FOR NO KEY UPDATE`);
  const all = address == null ? otherAddresses : [address, ...otherAddresses];
  const [holder] = await tx.$queryRaw<{ id: string; taken: string }[]>(sql`
    SELECT c."id", g."address" AS "taken" FROM "Channel" AS c
    CROSS JOIN LATERAL unnest(c."otherAddresses" || c."address") AS o("address")
    JOIN (SELECT lower(a) AS "address" FROM unnest(${all}::text[]) AS a) AS g ON g."address" = lower(o."address")
    WHERE c."workspaceId" = ${workspaceId} AND NOT (c."kind" = ${kind}::"ChannelKind" AND c."name" = ${name})
    ORDER BY c."id" LIMIT 1`);
  if (!holder) return;
  const path = [address?.toLowerCase() === holder.taken ? 'address' : 'otherAddresses'];
  throw conflict(path, `Another channel has this address: ${holder.id}.`, holder.id);
}
