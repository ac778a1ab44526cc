import { nodeReferenceOf } from '../../db/global-id.js';
import { builder } from '../../graphql/schema/builder.js';
import { connectionType, listArguments } from '../../graphql/schema/connection.js';
import { DateTimeComparator, IDComparator, orderInput, StringComparator } from '../../graphql/schema/inputs.js';
import { databaseId, loadNode, node } from '../../graphql/schema/node.js';
import { selectedInPage } from '../../graphql/schema/selection.js';
import { AuditActor } from '../changes/change.actor.types.js';
import { dataOf } from '../events/event.service.js';
import type { AuditFilter as AuditFilterShape, AuditOrderField as OrderField } from './audit.listing.js';

const AuditEntry = builder.prismaNode('DomainEvent', {
  variant: 'AuditEntry',
  description: 'One change: who changed what, when, from what and to what. Needs audit:read.',
  ...node({ scope: 'audit:read' }),
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
      type: builder.nodeInterfaceRef(),
      nullable: true,
      description:
        'What was changed, as it is now; null when it is gone or cannot be shown, as a key. Needs the scope of its type.',
      select: { entityId: true },
      resolve: ({ entityId }, _args, context, info) => {
        const reference = nodeReferenceOf(entityId);
        return reference ? loadNode(context, info, reference) : null;
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
