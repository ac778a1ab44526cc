import { nodeReferenceOf } from '../../db/global-id.js';
import type { DomainEvent } from '../../generated/prisma/client.js';
import { builder } from '../../graphql/schema/builder.js';
import { connectionType, listArguments } from '../../graphql/schema/connection.js';
import { DateTimeComparator, IDComparator, orderInput, StringComparator } from '../../graphql/schema/inputs.js';
import { databaseId, loadNode, Node, nodeOptions, nodeSource } from '../../graphql/schema/node.js';
import { selectedInPage } from '../../graphql/schema/selection.js';
import { Agent } from '../agent/agent.types.js';
import type { AuditFilter as AuditFilterShape, AuditOrderField as OrderField } from '../events/event.listing.js';
import { dataOf } from '../events/event.service.js';

const actorKinds = {
  AGENT: { description: 'An agent, by a key that stands for one.' },
  API_KEY: { description: 'An integration, by its key.' },
  OPERATOR: { description: 'Whoever runs the gateway, on its command line, or the gateway itself.' },
};

const AuditActorKind = builder.enumType('AuditActorKind', {
  description: 'Who can change things.',
  values: actorKinds,
});

export const AuditActor = builder.objectRef<Pick<DomainEvent, 'actorId'>>('AuditActor').implement({
  description: 'Who made a change.',
  fields: (t) => ({
    kind: t.field({
      type: AuditActorKind,
      description: 'What kind of actor it was.',
      resolve: ({ actorId }) => (actorId === null ? 'OPERATOR' : isAgent(actorId) ? 'AGENT' : 'API_KEY'),
    }),
    databaseId: t.exposeID('actorId', {
      nullable: true,
      description: 'The plain id of the agent or of the key; null for the operator.',
    }),
    agent: t.field({
      type: Agent,
      nullable: true,
      description: 'The agent; null when it was none.',
      resolve: ({ actorId }, _args, { loaders }) =>
        actorId !== null && isAgent(actorId) ? loaders.agents.byId.load(actorId) : null,
    }),
  }),
});

const isAgent = (id: string): boolean => id.startsWith('agt_');

nodeSource('AuditEntry', {
  scope: 'audit:read',
  load: ({ loaders }, id) => loaders.events.byId.load(id),
});

const AuditEntry = builder.prismaNode('DomainEvent', {
  variant: 'AuditEntry',
  description: 'One change: who changed what, when, from what and to what. Needs audit:read.',
  ...nodeOptions,
  fields: (t) => ({
    databaseId: t.exposeID('id', databaseId),
    type: t.exposeString('type', {
      description: 'What happened, the entity first, such as "customer.updated" or "api_key.revoked".',
    }),
    actor: t.field({
      type: AuditActor,
      description: 'Who did it.',
      select: { actorId: true },
      resolve: (event) => event,
    }),
    entityId: t.exposeID('entityId', {
      description: 'The plain id of what was changed, whether or not it still exists.',
    }),
    entity: t.field({
      type: Node,
      nullable: true,
      description:
        'What was changed, as it is now; null when it is gone or cannot be shown, as a key. Needs the scope of its type.',
      select: { entityId: true },
      resolve: ({ entityId }, _args, context) => {
        const reference = nodeReferenceOf(entityId);
        return reference ? loadNode(context, reference) : null;
      },
    }),
    before: t.field({
      type: 'JSONObject',
      nullable: true,
      description:
        'The changed fields as they were; null when there was nothing before, or the change is not of fields.',
      select: { data: true },
      resolve: (event) => dataOf(event).before ?? null,
    }),
    after: t.field({
      type: 'JSONObject',
      nullable: true,
      description: 'The changed fields as they are since; null when nothing is left, or the change is not of fields.',
      select: { data: true },
      resolve: (event) => dataOf(event).after ?? null,
    }),
    details: t.field({
      type: 'JSONObject',
      nullable: true,
      description: 'What else there is to say of the change; null when there is nothing.',
      select: { data: true },
      resolve: (event) => {
        const { details } = dataOf(event);
        return Object.keys(details).length > 0 ? details : null;
      },
    }),
    occurredAt: t.expose('occurredAt', {
      type: 'DateTime',
      description: 'When it was done; changes that were made together bear the same time.',
    }),
  }),
});

const AuditFilter = builder.inputRef<AuditFilterShape>('AuditFilter').implement({
  description: 'Which changes; all of its conditions must hold.',
  fields: (t) => ({
    and: t.field({ type: [AuditFilter], description: 'Each of these holds.' }),
    or: t.field({ type: [AuditFilter], description: 'One of these holds.' }),
    not: t.field({ type: AuditFilter, description: 'This does not hold.' }),
    type: t.field({ type: StringComparator, description: 'By what happened, such as "customer.updated".' }),
    entityId: t.field({ type: IDComparator, description: 'By what was changed, also when it is gone.' }),
    actorId: t.field({
      type: IDComparator,
      description: 'By the agent or key that did it; isNull: true for what the operator did.',
    }),
    occurredAt: t.field({ type: DateTimeComparator, description: 'By when it was done.' }),
  }),
});

const AuditOrderField = builder.enumType('AuditOrderField', {
  description: 'What changes can be sorted by.',
  values: { OCCURRED_AT: { description: 'When they were made.' } } satisfies Record<OrderField, object>,
});

builder.queryFields((t) => ({
  auditLog: t.field({
    type: connectionType('AuditEntry', AuditEntry),
    description:
      'Every change in the workspace, the latest first. It never holds keys or other secrets. Needs audit:read.',
    authScopes: { scope: 'audit:read' },
    args: listArguments({
      filter: AuditFilter,
      order: orderInput('AuditOrder', AuditOrderField),
      defaultOrder: 'OCCURRED_AT DESC',
    }),
    resolve: (_root, args, { services, caller }, info) =>
      services.audit.list(caller, { ...args, select: selectedInPage(info, 'AuditEntry') }),
  }),
}));
