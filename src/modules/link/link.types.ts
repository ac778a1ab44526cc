import { readId } from '../../db/global-id.js';
import { loadVisible } from '../../db/reading/loaders.js';
import { builder } from '../../graphql/schema/builder.js';
import { connectionType, listArguments, offsetArgument } from '../../graphql/schema/connection.js';
import { databaseId, node, updatedAt, version } from '../../graphql/schema/node.js';
import { selectedInPage } from '../../graphql/schema/selection.js';
import { linkList } from './link.fields.js';

export const Link = builder.prismaNode('Link', {
  description: 'A link on which clicks are recorded. Part of revenue tracking. Needs links:read.',
  ...node({
    scope: 'links:read',
    entitlement: 'REVENUE_TRACKING',
    load: ({ loaders }, id) => loadVisible(loaders.byId('Link'), id),
  }),
  fields: (t) => ({
    databaseId: t.exposeID('id', databaseId),
    name: t.exposeString('name', { nullable: true, description: 'The display name; null if it has none.' }),
    url: t.exposeString('url', { description: 'The target.' }),
    shortCode: t.exposeString('shortCode', {
      nullable: true,
      description: 'The short code, unique in the workspace; null for a link that was made without one.',
    }),
    tags: t.exposeStringList('tags', { description: 'The tags.' }),
    campaign: t.relation('campaign', {
      nullable: true,
      description: 'The campaign that the link belongs to; null if none.',
    }),
    isDeleted: t.boolean({
      description: 'Whether it was deleted. A deleted link can be reached only through its clicks.',
      select: { deletedAt: true },
      resolve: ({ deletedAt }) => deletedAt !== null,
    }),
    version: t.exposeInt('version', version),
    createdAt: t.expose('createdAt', { type: 'DateTime', description: 'When the link was created.' }),
    updatedAt: t.expose('updatedAt', updatedAt),
  }),
});

builder.queryFields((t) => ({
  link: t.field({
    type: Link,
    nullable: true,
    description: 'One link; null when there is none with this id. Part of revenue tracking. Needs links:read.',
    authScopes: { revenue: 'links:read' },
    args: { id: t.arg.id({ required: true, description: 'A global or plain id.' }) },
    resolve: (_root, { id }, { loaders }) => loadVisible(loaders.byId('Link'), readId('Link', id, ['id'])),
  }),
  links: t.field({
    type: connectionType('Link', Link),
    description: 'The links of the workspace that were not deleted. Part of revenue tracking. Needs links:read.',
    authScopes: { revenue: 'links:read' },
    args: { ...listArguments(linkList), ...offsetArgument },
    resolve: (_root, args, { services, caller }, info) =>
      services.links.list(caller, { ...args, select: selectedInPage(info, 'Link') }),
  }),
}));
