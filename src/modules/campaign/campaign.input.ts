import { z } from 'zod';
import { id, ifVersion, name, notNull } from '../../lib/values/validation.js';

const maxName = 255;
const about = `The display name, at most ${maxName} characters; unique in the workspace.`;

export const createCampaignInput = z.object({ name: name(maxName).describe(about) });

export const updateCampaignInput = z.object({
  id: id.describe('The campaign.'),
  name: notNull(name(maxName)).describe(about),
  ifVersion: ifVersion('campaign'),
});

export type CreateCampaignInput = z.input<typeof createCampaignInput>;
export type UpdateCampaignInput = z.input<typeof updateCampaignInput>;
