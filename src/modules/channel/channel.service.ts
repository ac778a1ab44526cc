import type { z } from 'zod';
import type { Caller } from '../../auth/caller.js';
import type { Database, Transaction } from '../../db/database.js';
import { readId } from '../../db/global-id.js';
import { newId } from '../../db/ids.js';
import { listReader } from '../../db/lists/listing.js';
import { lockRow } from '../../db/reading/rows.js';
import { orTaken } from '../../db/writing/unique.js';
import { type AppError, conflict } from '../../errors.js';
import type { Channel, ChannelKind } from '../../generated/prisma/client.js';
import { parseInput } from '../../lib/values/validation.js';
import { nextVersion, requireVersion } from '../../lib/values/version.js';
import { recordEvents } from '../events/event.service.js';
import { updateRecorded } from '../events/event.update.js';
import { requireFree, requireMailbox } from './channel.addresses.js';
import { channelList } from './channel.fields.js';
import { type NewChannelInput, newChannelInput, type UpdateChannelInput, updateChannelInput } from './channel.input.js';

export type ChannelRecord = Partial<Pick<Channel, 'id' | 'version' | 'createdAt' | 'updatedAt'>>;

type NewChannel = Omit<z.output<typeof newChannelInput>, 'otherAddresses'> & { otherAddresses?: string[] | undefined };

export interface ChannelChange {
  channel: Channel;
  result: 'UPDATED' | 'UNCHANGED';
}

export function channelService(db: Database) {
  return {
    /** The workspace's channels. @throws BAD_USER_INPUT at the argument that cannot be used. */
    list: listReader(db, channelList),

    /**
     * The channel of this kind and name, created if there is none. `record` holds the fields that an export of the
     * channel carries, already checked. @throws InvalidInput, CONFLICT if its id is taken.
     */
    ensure(caller: Caller, input: NewChannelInput, record: ChannelRecord = {}): Promise<Channel> {
      const fields = parseInput(newChannelInput, input);
      const { workspaceId } = caller;
      return db.transaction(async (tx) => {
        const created = await insertChannel(tx, caller, fields, record);
        if (created) return created;
        const { kind, name } = fields;
        const known = await tx.channel.findUnique({ where: { workspaceId_kind_name: { workspaceId, kind, name } } });
        if (!known) throw conflict(['id'], `Another channel has this id: ${record.id}.`, record.id);
        return known;
      });
    },

    /** Creates a channel. @throws InvalidInput, CONFLICT if a channel of its kind has the name. */
    async create(caller: Caller, input: NewChannelInput): Promise<Channel> {
      const fields = parseInput(newChannelInput, input);
      requireMailbox(fields, fields);
      const created = await db.transaction((tx) => insertChannel(tx, caller, fields));
      if (!created) throw await takenBy(db, caller, fields.kind, fields.name);
      return created;
    },

    /** Writes the given fields. @throws InvalidInput, NOT_FOUND, CONFLICT for version or name. */
    async update(caller: Caller, input: UpdateChannelInput): Promise<ChannelChange> {
      const { id: given, ifVersion, ...fields } = parseInput(updateChannelInput, input);
      const id = readId('Channel', given, ['id']);
      const { workspaceId } = caller;
      let kind: ChannelKind | undefined;
      const work = async (tx: Transaction): Promise<ChannelChange> => {
        const channel = await lockRow(tx, 'Channel', { workspaceId, id });
        requireVersion('channel', channel, ifVersion);
        kind = channel.kind;
        requireMailbox(channel, fields);
        const { row, result } = await updateRecorded(tx, caller, channel, fields, {
          type: 'channel.updated',
          async write(after) {
            // Channels that share an address from before this was refused can still be renamed.
            const { address, otherAddresses } = fields;
            await requireFree(tx, caller, channel, {
              address: address === channel.address ? null : address,
              otherAddresses: otherAddresses?.filter((one) => !channel.otherAddresses.includes(one)),
            });
            return tx.channel.update({ where: { workspaceId_id: { workspaceId, id } }, data: nextVersion(after) });
          },
        });
        return { channel: row, result };
      };
      return orTaken(
        () => db.transaction(work),
        async () => (kind && fields.name !== undefined ? takenBy(db, caller, kind, fields.name) : undefined),
      );
    },
  };
}

/** Inserts a channel and its event. Returns null if a channel of its kind has the name, or the id is taken. */
export async function insertChannel(
  tx: Transaction,
  caller: Caller,
  { kind, name, address = null, otherAddresses = [] }: NewChannel,
  record: ChannelRecord = {},
): Promise<Channel | null> {
  await requireFree(tx, caller, { kind, name }, { address, otherAddresses });
  const [created] = await tx.channel.createManyAndReturn({
    data: [{ workspaceId: caller.workspaceId, id: newId('Channel'), kind, name, address, otherAddresses, ...record }],
    skipDuplicates: true,
  });
  if (!created) return null;
  const data = { after: { kind, name, address, ...(otherAddresses.length > 0 && { otherAddresses }) } };
  await recordEvents(tx, caller, [{ type: 'channel.created', entityId: created.id, data }]);
  return created;
}

/** The error that names the channel which has the name. */
async function takenBy(db: Database, { workspaceId }: Caller, kind: ChannelKind, name: string): Promise<AppError> {
  const holder = await db.prisma.channel.findUnique({
    where: { workspaceId_kind_name: { workspaceId, kind, name } },
    select: { id: true },
  });
  return conflict(['name'], `A channel of this kind has this name: ${holder?.id}.`, holder?.id);
}
