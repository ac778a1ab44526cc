import { readId } from '../../db/global-id.js';
import { builder } from '../../graphql/schema/builder.js';
import { connectionType, listArguments } from '../../graphql/schema/connection.js';
import { databaseId, node, updatedAt, version } from '../../graphql/schema/node.js';
import { selectedInPage } from '../../graphql/schema/selection.js';
import { agentList } from './agent.fields.js';

export const Agent = builder.prismaNode('Agent', {
  description: 'A member of the support team, to whom conversations can be assigned. Any key may read it.',
  ...node({ scope: null }),
  fields: (t) => ({
    databaseId: t.exposeID('id', databaseId),
    name: t.exposeString('name', { description: 'The name that contacts see.' }),
    email: t.exposeString('email', { description: 'The address of the agent, unique in the workspace.' }),
    avatarUrl: t.exposeString('avatarUrl', {
      nullable: true,
      description: 'The URL of a picture; null if there is none.',
    }),
    isActive: t.boolean({
      description: 'False if the agent is deactivated. No conversation can be assigned to such an agent.',
      select: { deactivatedAt: true },
      resolve: (agent) => agent.deactivatedAt === null,
    }),
    version: t.exposeInt('version', version),
    createdAt: t.expose('createdAt', { type: 'DateTime', description: 'When the agent was created.' }),
    updatedAt: t.expose('updatedAt', updatedAt),
  }),
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
    args: listArguments(agentList),
    resolve: (_root, args, { services, caller }, info) =>
      services.agents.list(caller, { ...args, select: selectedInPage(info, 'Agent') }),
  }),
}));
