import { readId } from '../../db/global-id.js';
import { builder } from '../../graphql/schema/builder.js';
import { connectionType, listArguments } from '../../graphql/schema/connection.js';
import { DateTimeComparator, IDComparator, orderInput, StringComparator } from '../../graphql/schema/inputs.js';
import { databaseId, node } from '../../graphql/schema/node.js';
import { selectedInPage } from '../../graphql/schema/selection.js';
import type { CampaignFilter as CampaignFilterShape, CampaignOrderField as OrderField } from './campaign.listing.js';

export const Campaign = builder.prismaNode('Campaign', {
  description: 'What links are made for, such as a sale in spring. Part of revenue tracking. Needs links:read.',
  ...node({ scope: 'links:read', entitlement: 'REVENUE_TRACKING' }),
  fields: (t) => ({
    databaseId: t.exposeID('id', databaseId),
    name: t.exposeString('name', { description: 'What people call it; unique in the workspace.' }),
    version: t.exposeInt('version', { description: 'Counts changes; pass it as ifVersion to not overwrite another.' }),
    createdAt: t.expose('createdAt', { type: 'DateTime', description: 'When the campaign was created.' }),
    updatedAt: t.expose('updatedAt', {
      type: 'DateTime',
      nullable: true,
      description: 'When it was last changed; null when it never was.',
    }),
  }),
});

const CampaignFilter = builder.inputRef<CampaignFilterShape>('CampaignFilter').implement({
  description: 'Which campaigns; all of its conditions must hold.',
  fields: (t) => ({
    and: t.field({ type: [CampaignFilter], description: 'Each of these holds.' }),
    or: t.field({ type: [CampaignFilter], description: 'One of these holds.' }),
    not: t.field({ type: CampaignFilter, description: 'This does not hold.' }),
    id: t.field({ type: IDComparator, description: 'By id.' }),
    name: t.field({ type: StringComparator, description: 'By the exact name.' }),
    createdAt: t.field({ type: DateTimeComparator, description: 'By time of creation.' }),
  }),
});

const CampaignOrderField = builder.enumType('CampaignOrderField', {
  description: 'What campaigns can be sorted by.',
  values: { CREATED_AT: { description: 'When they were created.' } } satisfies Record<OrderField, object>,
});

builder.queryFields((t) => ({
  campaign: t.field({
    type: Campaign,
    nullable: true,
    description: 'One campaign; null when there is none with this id. Part of revenue tracking. Needs links:read.',
    authScopes: { revenue: 'links:read' },
    args: { id: t.arg.id({ required: true, description: 'A global or plain id.' }) },
    resolve: (_root, { id }, { loaders }) => loaders.byId('Campaign').load(readId('Campaign', id, ['id'])),
  }),
  campaigns: t.field({
    type: connectionType('Campaign', Campaign),
    description: 'The campaigns of the workspace. Part of revenue tracking. Needs links:read.',
    authScopes: { revenue: 'links:read' },
    args: listArguments({
      filter: CampaignFilter,
      order: orderInput('CampaignOrder', CampaignOrderField),
      defaultOrder: 'CREATED_AT DESC',
    }),
    resolve: (_root, args, { services, caller }, info) =>
      services.campaigns.list(caller, { ...args, select: selectedInPage(info, 'Campaign') }),
  }),
}));
