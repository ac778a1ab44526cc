import { defineRecord } from '../../db/record.js';
import type { Link } from '../../generated/prisma/client.js';

export const linkRecord = defineRecord<Link>('Link')
  .fields({
    name: {},
    url: {},
    campaignId: {},
    isDeleted: { of: 'deletedAt', entity: ({ deletedAt }) => deletedAt !== null },
    version: {},
    createdAt: {},
    updatedAt: {},
  })
  .omitting({});
