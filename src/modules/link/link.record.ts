import { defineRecord } from '../../db/record.js';
import type { Link } from '../../generated/prisma/client.js';

export const linkRecord = defineRecord<Link>('Link')
  .fields({
    id: { entity: false },
    name: {},
    url: {},
    campaignId: {},
    shortCode: {},
    tags: {},
    deletedAt: { entity: false },
    isDeleted: { of: [], file: false, entity: ({ deletedAt }) => deletedAt !== null },
    version: {},
    createdAt: {},
    updatedAt: {},
  })
  .omitting({});
