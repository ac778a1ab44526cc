import type { Caller } from '../../../auth/caller.js';
import { type Database, sql, type Transaction } from '../../../db/database.js';
import { readId } from '../../../db/global-id.js';
import { newId } from '../../../db/ids.js';
import { listReader } from '../../../db/lists/listing.js';
import { lockRow } from '../../../db/reading/rows.js';
import { badInput, conflict } from '../../../errors.js';
import type { BlockedSender } from '../../../generated/prisma/client.js';
import { parseInput } from '../../../lib/values/validation.js';
import { recordEvents } from '../../events/event.service.js';
import { blockedSenderList } from './blocked-sender.fields.js';
import {
  type BlockSenderInput,
  blockSenderInput,
  type UnblockSenderInput,
  unblockSenderInput,
} from './blocked-sender.input.js';
import { isAddress } from './blocked-sender.pattern.js';

export function blockedSenderService(db: Database) {
  return {
    /** The workspace's blocked senders. @throws BAD_USER_INPUT at the argument that cannot be used. */
    list: listReader(db, blockedSenderList),

    /**
     * Blocks an address or a domain.
     * @throws InvalidInput, also for an address of the team; CONFLICT if it is already blocked.
     */
    block(caller: Caller, input: BlockSenderInput): Promise<BlockedSender> {
      const { pattern, reason = null } = parseInput(blockSenderInput, input);
      const { workspaceId, actorId: createdBy } = caller;
      return db.transaction(async (tx) => {
        await requireOthers(tx, caller, pattern);
        const [created] = await tx.blockedSender.createManyAndReturn({
          data: [{ workspaceId, id: newId('BlockedSender'), pattern, reason, createdBy }],
          skipDuplicates: true,
        });
        if (!created) {
          const known = await tx.blockedSender.findFirst({ where: { workspaceId, pattern }, select: { id: true } });
          throw conflict(['pattern'], `This is blocked already: ${known?.id}.`, known?.id);
        }
        const data = { after: { pattern, reason } };
        await recordEvents(tx, caller, [{ type: 'blocked_sender.created', entityId: created.id, data }]);
        return created;
      });
    },

    /** Removes the block. Returns its plain id. @throws NOT_FOUND */
    unblock(caller: Caller, input: UnblockSenderInput): Promise<string> {
      const id = readId('BlockedSender', parseInput(unblockSenderInput, input).id, ['id']);
      const { workspaceId } = caller;
      return db.transaction(async (tx) => {
        const { pattern, reason } = await lockRow(tx, 'BlockedSender', { workspaceId, id });
        await tx.blockedSender.delete({ where: { workspaceId_id: { workspaceId, id } } });
        const data = { before: { pattern, reason } };
        await recordEvents(tx, caller, [{ type: 'blocked_sender.deleted', entityId: id, data }]);
        return id;
      });
    },
  };
}

/** @throws BAD_USER_INPUT if the pattern matches an address of a channel or an agent. */
async function requireOthers(tx: Transaction, { workspaceId }: Caller, pattern: string): Promise<void> {
  const [own] = await tx.$queryRaw<{ address: string }[]>(sql`SELECT o."address" FROM (
      SELECT lower(c."address") AS "address" FROM "Channel" AS c
      WHERE c."workspaceId" = ${workspaceId} AND c."kind" = 'EMAIL'
      UNION ALL SELECT lower(unnest(c."otherAddresses")) FROM "Channel" AS c WHERE c."workspaceId" = ${workspaceId}
      UNION ALL SELECT lower(a."email") FROM "Agent" AS a WHERE a."workspaceId" = ${workspaceId}) AS o
    WHERE o."address" = ${pattern}
      OR ${!isAddress(pattern)} AND right(o."address", ${pattern.length + 1}) IN (${`@${pattern}`}, ${`.${pattern}`})
    LIMIT 1`);
  if (own) throw badInput(['pattern'], `This is an address of the team, or stands for one: ${own.address}.`);
}
