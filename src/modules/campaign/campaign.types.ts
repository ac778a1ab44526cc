import { readId } from '../../db/global-id.js';
import { builder } from '../../graphql/schema/builder.js';
import { connectionType, listArguments } from '../../graphql/schema/connection.js';
import { databaseId, node, updatedAt, version } from '../../graphql/schema/node.js';
import { selectedInPage } from '../../graphql/schema/selection.js';
import { campaignList } from './campaign.fields.js';

export const Campaign = builder.prismaNode('Campaign', {
  description:
    'A marketing campaign, such as a spring sale, to which links and clicks belong. Part of revenue tracking. Needs links:read.',
  ...node({ scope: 'links:read', entitlement: 'REVENUE_TRACKING' }),
  fields: (t) => ({
    databaseId: t.exposeID('id', databaseId),
    name: t.exposeString('name', { description: 'The display name; unique in the workspace.' }),
    version: t.exposeInt('version', version),
    createdAt: t.expose('createdAt', { type: 'DateTime', description: 'When the campaign was created.' }),
    updatedAt: t.expose('updatedAt', updatedAt),
  }),
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
    args: listArguments(campaignList),
    resolve: (_root, args, { services, caller }, info) =>
      services.campaigns.list(caller, { ...args, select: selectedInPage(info, 'Campaign') }),
  }),
}));
