import type { DomainEvent } from '../../generated/prisma/client.js';
import { builder } from '../../graphql/schema/builder.js';
import { Agent } from '../agent/agent.types.js';

const actorKinds = {
  AGENT: { description: 'An agent, through a key that acts as the agent.' },
  API_KEY: { description: 'An integration, through its key.' },
  OPERATOR: { description: 'The operator of the gateway on its command line, or the gateway itself.' },
};

const AuditActorKind = builder.enumType('AuditActorKind', {
  description: 'The kinds of actors that make changes.',
  values: actorKinds,
});

export const AuditActor = builder.objectRef<Pick<DomainEvent, 'actorId'>>('AuditActor').implement({
  description: 'Who made a change.',
  fields: (t) => ({
    kind: t.field({
      type: AuditActorKind,
      description: 'The kind of actor.',
      resolve: ({ actorId }) => (actorId === null ? 'OPERATOR' : isAgent(actorId) ? 'AGENT' : 'API_KEY'),
    }),
    databaseId: t.exposeID('actorId', {
      nullable: true,
      description: 'The plain id of the agent or of the key; null for the operator.',
    }),
    agent: t.field({
      type: Agent,
      nullable: true,
      description: 'The agent; null for other kinds of actors.',
      resolve: ({ actorId }, _args, { loaders }) =>
        actorId !== null && isAgent(actorId) ? loaders.byId('Agent').load(actorId) : null,
    }),
  }),
});

const isAgent = (id: string): boolean => id.startsWith('agt_');
