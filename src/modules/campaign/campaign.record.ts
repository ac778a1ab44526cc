import { defineRecord } from '../../db/record.js';
import type { Campaign } from '../../generated/prisma/client.js';

export const campaignRecord = defineRecord<Campaign>('Campaign')
  .fields({ id: { entity: false }, name: {}, version: {}, createdAt: {}, updatedAt: {} })
  .omitting({});
