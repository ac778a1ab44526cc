import { z } from 'zod';
import type { Database } from '../../db/database.js';
import { newId } from '../../db/ids.js';
import { type Connection, readConnection } from '../../db/listing.js';
import { type Channel, ChannelKind } from '../../generated/prisma/client.js';
import { email, name, parseInput } from '../../lib/validation.js';
import { recordEvents } from '../events/event.service.js';
import type { Caller } from '../workspace/caller.js';
import { type ChannelListArguments, channelListing } from './channel.listing.js';

const ensureChannelInput = z.object({
  kind: z.enum(ChannelKind),
  name: name(255),
  address: email.nullish(),
});

export type EnsureChannelInput = z.input<typeof ensureChannelInput>;

export type ChannelService = ReturnType<typeof channelService>;

export function channelService(db: Database) {
  return {
    /** The workspace's channels. @throws BAD_USER_INPUT at the argument that cannot be used. */
    list({ workspaceId }: Caller, args: ChannelListArguments): Promise<Connection<Channel>> {
      return readConnection(db, channelListing(workspaceId, args));
    },

    /** The channel of this kind and name, created when there is none. @throws InvalidInput */
    ensure(caller: Caller, input: EnsureChannelInput): Promise<Channel> {
      const { kind, name, address = null } = parseInput(ensureChannelInput, input);
      const { workspaceId } = caller;
      return db.transaction(async (tx) => {
        const [created] = await tx.channel.createManyAndReturn({
          data: [{ workspaceId, id: newId('Channel'), kind, name, address }],
          skipDuplicates: true,
        });
        if (!created) {
          return tx.channel.findUniqueOrThrow({ where: { workspaceId_kind_name: { workspaceId, kind, name } } });
        }
        const data = { after: { kind, name, address } };
        await recordEvents(tx, caller, [{ type: 'channel.created', entityId: created.id, data }]);
        return created;
      });
    },
  };
}
