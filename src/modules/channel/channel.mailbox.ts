import type { Caller } from '../../auth/caller.js';
import type { Transaction } from '../../db/database.js';
import type { Channel } from '../../generated/prisma/client.js';
import { insertChannel } from './channel.service.js';

/**
 * The e-mail channel of whoever names none: the oldest one that has an address. A workspace without one gets one under
 * its own name with the address `first`, so that what is to be mailed is; null when there is no such address either.
 */
export async function usualMailbox(
  tx: Transaction,
  caller: Caller,
  first: string | undefined,
): Promise<Channel | null> {
  const { workspaceId } = caller;
  const find = () =>
    tx.channel.findFirst({
      where: { workspaceId, kind: 'EMAIL', address: { not: null } },
      orderBy: [{ createdAt: 'asc' }, { id: 'asc' }],
    });
  const known = await find();
  if (known || first === undefined) return known;
  const { name } = await tx.workspace.findUniqueOrThrow({ where: { id: workspaceId }, select: { name: true } });
  const make = (named: string) => insertChannel(tx, caller, { kind: 'EMAIL', name: named, address: first });
  // Somebody else may have made it meanwhile, or given the name to a channel without an address.
  return (await make(name)) ?? (await find()) ?? (await make(first));
}
