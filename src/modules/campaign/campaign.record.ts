import { defineRecord } from '../../db/record.js';
import type { Campaign } from '../../generated/prisma/client.js';

export const campaignRecord = defineRecord<Campaign>('Campaign')(
  { name: {}, version: {}, createdAt: {}, updatedAt: {} },
  {},
);
