import type { Caller } from '../../auth/caller.js';
import type { Transaction } from '../../db/database.js';
import type { Channel } from '../../generated/prisma/client.js';
import { insertChannel } from './channel.service.js';

/**
 * The default e-mail channel: the oldest one that has an address. If there is none, one is created with the name of the
 * workspace and the address `first`. Null if `first` is undefined too.
 */
export async function defaultMailbox(
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
  const create = (channelName: string) =>
    insertChannel(tx, caller, { kind: 'EMAIL', name: channelName, address: first });
  // Null: another transaction has just created the mailbox, or a channel without an address has the name.
  return (await create(name)) ?? (await find()) ?? (await create(first));
}
