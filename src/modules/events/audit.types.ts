import type { Context } from '../../context.js';
import { nodeReferenceOf } from '../../db/global-id.js';
import type { DomainEvent } from '../../generated/prisma/client.js';
import { builder } from '../../graphql/builder.js';
import { connectionType, listArguments } from '../../graphql/connection.js';
import { DateTimeComparator, IDComparator, orderInput, StringComparator } from '../../graphql/inputs.js';
import { implementNode, loadNode, Node } from '../../graphql/node.js';
import { nodePaths, reads, selectionBelow } from '../../graphql/selection.js';
import { Agent } from '../agent/agent.types.js';
import type { AuditFilter as AuditFilterShape, AuditOrderField as OrderField } from './event.listing.js';
import { requireToRead } from './event.scopes.js';
import { dataOf, type EventData } from './event.service.js';

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

/** What was changed, for whoever may read what it was changed of. @throws FORBIDDEN without the scope of its type. */
function shownOf(event: DomainEvent, { caller }: Context): EventData {
  requireToRead(caller.scopes, [event.type]);
  return dataOf(event);
}

const AuditEntry = builder.objectRef<DomainEvent>('AuditEntry');

implementNode(AuditEntry, 'AuditEntry', {
  description: 'One change: who changed what, when, from what and to what. Needs audit:read.',
  scope: 'audit:read',
  load: ({ loaders }, id) => loaders.events.byId.load(id),
  fields: (t) => ({
    type: t.exposeString('type', {
      description: 'What happened, the entity first, such as "customer.updated" or "api_key.revoked".',
    }),
    actor: t.field({
      type: AuditActor,
      description: 'Who did it.',
      ...reads('actorId'),
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
      ...reads('entityId'),
      resolve: ({ entityId }, _args, context) => {
        const reference = nodeReferenceOf(entityId);
        return reference ? loadNode(context, reference) : null;
      },
    }),
    before: t.field({
      type: 'JSONObject',
      nullable: true,
      description:
        'The changed fields as they were; null when there was nothing before, or the change is not of fields. Needs the scope of its type.',
      ...reads('data', 'type'),
      resolve: (event, _args, context) => shownOf(event, context).before ?? null,
    }),
    after: t.field({
      type: 'JSONObject',
      nullable: true,
      description:
        'The changed fields as they are since; null when nothing is left, or the change is not of fields. Needs the scope of its type.',
      ...reads('data', 'type'),
      resolve: (event, _args, context) => shownOf(event, context).after ?? null,
    }),
    details: t.field({
      type: 'JSONObject',
      nullable: true,
      description: 'What else there is to say of the change; null when there is nothing. Needs the scope of its type.',
      ...reads('data', 'type'),
      resolve: (event, _args, context) => {
        const { details } = shownOf(event, context);
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
      services.audit.list(caller, { ...args, select: selectionBelow(info, 'AuditEntry', nodePaths) }),
  }),
}));
