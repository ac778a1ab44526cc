import type { Caller } from '../../auth/caller.js';
import type { Database, Transaction } from '../../db/database.js';
import { readId } from '../../db/global-id.js';
import { newId } from '../../db/ids.js';
import { listReader } from '../../db/lists/listing.js';
import { lockRow } from '../../db/reading/rows.js';
import { orTaken } from '../../db/writing/unique.js';
import { type AppError, conflict } from '../../errors.js';
import type { Campaign } from '../../generated/prisma/client.js';
import { parseInput } from '../../lib/values/validation.js';
import { nextVersion, requireVersion } from '../../lib/values/version.js';
import { recordEvents } from '../events/event.service.js';
import { updateRecorded } from '../events/event.update.js';
import { campaignList } from './campaign.fields.js';
import {
  type CreateCampaignInput,
  createCampaignInput,
  type UpdateCampaignInput,
  updateCampaignInput,
} from './campaign.input.js';

export interface CampaignChange {
  campaign: Campaign;
  result: 'UPDATED' | 'UNCHANGED';
}

export function campaignService(db: Database) {
  return {
    /** The workspace's campaigns. @throws BAD_USER_INPUT at the argument that cannot be used. */
    list: listReader(db, campaignList),

    /** Creates a campaign. @throws InvalidInput, CONFLICT if another one has the name. */
    create(caller: Caller, input: CreateCampaignInput): Promise<Campaign> {
      const fields = parseInput(createCampaignInput, input);
      const { workspaceId } = caller;
      return db.transaction(async (tx) => {
        const [created] = await tx.campaign.createManyAndReturn({
          data: [{ workspaceId, id: newId('Campaign'), ...fields }],
          skipDuplicates: true,
        });
        if (!created) throw await nameTaken(tx, caller, fields.name);
        await recordEvents(tx, caller, [{ type: 'campaign.created', entityId: created.id, data: { after: fields } }]);
        return created;
      });
    },

    /** Writes the given fields. @throws InvalidInput, NOT_FOUND, CONFLICT for the version or the name. */
    async update(caller: Caller, input: UpdateCampaignInput): Promise<CampaignChange> {
      const { id: given, ifVersion, ...fields } = parseInput(updateCampaignInput, input);
      const id = readId('Campaign', given, ['id']);
      const { workspaceId } = caller;
      const work = async (tx: Transaction): Promise<CampaignChange> => {
        const campaign = await lockRow(tx, 'Campaign', { workspaceId, id }, { strength: 'NO KEY UPDATE' });
        requireVersion('campaign', campaign, ifVersion);
        const { row, result } = await updateRecorded(tx, caller, campaign, fields, {
          type: 'campaign.updated',
          write: (after) =>
            tx.campaign.update({ where: { workspaceId_id: { workspaceId, id } }, data: nextVersion(after) }),
        });
        return { campaign: row, result };
      };
      return orTaken(
        () => db.transaction(work),
        () => nameTaken(db.prisma, caller, fields.name ?? ''),
      );
    },
  };
}

async function nameTaken(tx: Pick<Transaction, 'campaign'>, { workspaceId }: Caller, name: string): Promise<AppError> {
  const holder = await tx.campaign.findFirst({ where: { workspaceId, name }, select: { id: true } });
  return conflict(['name'], `A campaign has this name: ${holder?.id}.`, holder?.id);
}
