import { defineRecord } from '../../db/record.js';
import type { Click, Customer } from '../../generated/prisma/client.js';

/** A click with the data that webhooks need. The customer is null if it is unknown or was deleted. */
export type ShownClick = Click & { customer: Customer | null };

export const clickRecord = defineRecord<Click, Click, ShownClick>('Click')
  .fields({
    id: { entity: false },
    externalId: { of: 'clickId' },
    linkId: {},
    campaignId: {},
    customerId: { entity: ({ customer }) => customer?.id ?? null },
    source: {},
    utmSource: {},
    utmMedium: {},
    utmCampaign: {},
    referrer: {},
    url: {},
    country: {},
    occurredAt: {},
    createdAt: {},
  })
  .omitting({});
