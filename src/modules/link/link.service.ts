import type { Caller } from '../../auth/caller.js';
import type { Database, Transaction } from '../../db/database.js';
import { readId } from '../../db/global-id.js';
import { newId, randomBase62 } from '../../db/ids.js';
import { listReader } from '../../db/lists/listing.js';
import { lockRow } from '../../db/reading/rows.js';
import { orTaken } from '../../db/writing/unique.js';
import { type AppError, conflict, notFound } from '../../errors.js';
import type { Link } from '../../generated/prisma/client.js';
import { parseInput } from '../../lib/values/validation.js';
import { nextVersion, requireVersion } from '../../lib/values/version.js';
import { recordEvents } from '../events/event.service.js';
import { updateRecorded } from '../events/event.update.js';
import { linkList } from './link.fields.js';
import {
  type CreateLinkInput,
  createLinkInput,
  type DeleteLinkInput,
  deleteLinkInput,
  type UpdateLinkInput,
  updateLinkInput,
} from './link.input.js';

export interface LinkChange {
  link: Link;
  result: 'UPDATED' | 'UNCHANGED';
}

export function linkService(db: Database) {
  return {
    /** The workspace's links. @throws BAD_USER_INPUT at the argument that cannot be used. */
    list: listReader(db, linkList),

    /** Creates a link. @throws InvalidInput, NOT_FOUND for the campaign, CONFLICT if another one has the short code. */
    create(caller: Caller, input: CreateLinkInput): Promise<Link> {
      const { name = null, url, campaignId: given, ...fields } = parseInput(createLinkInput, input);
      const shortCode = fields.shortCode ?? randomBase62(codeDigits);
      const { workspaceId } = caller;
      return db.transaction(async (tx) => {
        const campaignId = await campaignOf(tx, caller, given);
        const after = { name, url, campaignId: campaignId ?? null, shortCode, tags: fields.tags ?? [] };
        const [link] = await tx.link.createManyAndReturn({
          data: [{ workspaceId, id: newId('Link'), ...after }],
          skipDuplicates: true,
        });
        if (!link) throw await codeTaken(tx, caller, shortCode);
        await recordEvents(tx, caller, [{ type: 'link.created', entityId: link.id, data: { after } }]);
        return link;
      });
    },

    /** Writes the given fields; earlier clicks keep their campaign. @throws InvalidInput, NOT_FOUND, CONFLICT for the version or the code. */
    async update(caller: Caller, input: UpdateLinkInput): Promise<LinkChange> {
      const { id, ifVersion, campaignId: given, ...others } = parseInput(updateLinkInput, input);
      const work = async (tx: Transaction): Promise<LinkChange> => {
        const link = await lock(tx, caller, id, ifVersion);
        const fields = { ...others, campaignId: await campaignOf(tx, caller, given) };
        const { row, result } = await updateRecorded(tx, caller, link, fields, {
          type: 'link.updated',
          write: (after) => write(tx, link, after),
        });
        return { link: row, result };
      };
      return orTaken(
        () => db.transaction(work),
        () => codeTaken(db.prisma, caller, others.shortCode ?? ''),
      );
    },

    /** Hides a link from every list; its clicks still refer to it. Returns its plain id. @throws NOT_FOUND, CONFLICT */
    delete(caller: Caller, input: DeleteLinkInput): Promise<string> {
      const { id, ifVersion } = parseInput(deleteLinkInput, input);
      return db.transaction(async (tx) => {
        const link = await lock(tx, caller, id, ifVersion);
        await write(tx, link, { deletedAt: new Date() });
        const { name, url, campaignId, shortCode, tags } = link;
        const data = { before: { name, url, campaignId, shortCode, tags } };
        await recordEvents(tx, caller, [{ type: 'link.deleted', entityId: link.id, data }]);
        return link.id;
      });
    },
  };
}

/** Enough that two do not meet by chance. */
const codeDigits = 7;

async function codeTaken(tx: Pick<Transaction, 'link'>, { workspaceId }: Caller, shortCode: string): Promise<AppError> {
  const holder = await tx.link.findFirst({ where: { workspaceId, shortCode }, select: { id: true } });
  return conflict(['shortCode'], `A link has this short code: ${holder?.id}.`, holder?.id);
}

/** The plain id of the given campaign; null and undefined are returned as they are. @throws NOT_FOUND */
async function campaignOf<Given extends string | null | undefined>(
  tx: Transaction,
  { workspaceId }: Caller,
  given: Given,
): Promise<string | Given> {
  if (given == null) return given;
  const id = readId('Campaign', given, ['campaignId']);
  if ((await tx.campaign.count({ where: { workspaceId, id } })) === 0) throw notFound('Campaign', ['campaignId']);
  return id;
}

async function lock(tx: Transaction, { workspaceId }: Caller, given: string, ifVersion?: number | null): Promise<Link> {
  const id = readId('Link', given, ['id']);
  const link = await lockRow(tx, 'Link', { workspaceId, id });
  if (link.deletedAt) throw notFound('Link', ['id']);
  requireVersion('link', link, ifVersion);
  return link;
}

const write = (tx: Transaction, { workspaceId, id }: Link, data: Partial<Link>): Promise<Link> =>
  tx.link.update({
    where: { workspaceId_id: { workspaceId, id } },
    data: nextVersion(data),
  });
