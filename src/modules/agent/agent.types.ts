import { readId } from '../../db/global-id.js';
import { builder } from '../../graphql/schema/builder.js';
import { connectionType, listArguments } from '../../graphql/schema/connection.js';
import { IDComparator, orderInput, StringComparator } from '../../graphql/schema/inputs.js';
import { databaseId, node } from '../../graphql/schema/node.js';
import { selectedInPage } from '../../graphql/schema/selection.js';
import type { AgentFilter as AgentFilterShape, AgentOrderField as OrderField } from './agent.listing.js';

export const Agent = builder.prismaNode('Agent', {
  description: 'A member of the support team, to whom conversations are assigned. Any key may read it.',
  ...node({ scope: null }),
  fields: (t) => ({
    databaseId: t.exposeID('id', databaseId),
    name: t.exposeString('name', { description: 'The name that contacts see.' }),
    email: t.exposeString('email', { description: 'The address of the agent, unique in the workspace.' }),
    avatarUrl: t.exposeString('avatarUrl', { nullable: true, description: 'A picture; null when there is none.' }),
    isActive: t.boolean({
      description: 'False once the agent was deactivated; no conversation can be assigned then.',
      select: { deactivatedAt: true },
      resolve: (agent) => agent.deactivatedAt === null,
    }),
    version: t.exposeInt('version', { description: 'Counts changes; pass it as ifVersion to not overwrite another.' }),
    createdAt: t.expose('createdAt', { type: 'DateTime', description: 'When the agent was created.' }),
    updatedAt: t.expose('updatedAt', {
      type: 'DateTime',
      nullable: true,
      description: 'When it was last changed; null when it never was.',
    }),
  }),
});

const AgentFilter = builder.inputRef<AgentFilterShape>('AgentFilter').implement({
  description: 'Which agents; all of its conditions must hold.',
  fields: (t) => ({
    and: t.field({ type: [AgentFilter], description: 'Each of these holds.' }),
    or: t.field({ type: [AgentFilter], description: 'One of these holds.' }),
    not: t.field({ type: AgentFilter, description: 'This does not hold.' }),
    id: t.field({ type: IDComparator, description: 'By id.' }),
    name: t.field({ type: StringComparator, description: 'By the exact name.' }),
    email: t.field({ type: StringComparator, description: 'By e-mail address, whatever the case.' }),
    isActive: t.boolean({ description: 'True for active agents, false for deactivated ones.' }),
  }),
});

const AgentOrderField = builder.enumType('AgentOrderField', {
  description: 'What agents can be sorted by.',
  values: { CREATED_AT: { description: 'When they were created.' } } satisfies Record<OrderField, object>,
});

builder.queryFields((t) => ({
  agent: t.field({
    type: Agent,
    nullable: true,
    description: 'One agent; null when there is none with this id. Any key may read it.',
    authScopes: { anyKey: true },
    args: { id: t.arg.id({ required: true, description: 'A global or plain id.' }) },
    resolve: (_root, { id }, { loaders }) => loaders.byId('Agent').load(readId('Agent', id, ['id'])),
  }),
  agents: t.field({
    type: connectionType('Agent', Agent),
    description: 'The agents of the workspace, deactivated ones too. Any key may read them.',
    authScopes: { anyKey: true },
    args: listArguments({
      filter: AgentFilter,
      order: orderInput('AgentOrder', AgentOrderField),
      defaultOrder: 'CREATED_AT ASC',
    }),
    resolve: (_root, args, { services, caller }, info) =>
      services.agents.list(caller, { ...args, select: selectedInPage(info, 'Agent') }),
  }),
}));
