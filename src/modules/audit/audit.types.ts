import type { Context } from '../../context.js';
import { nodeReferenceOf } from '../../db/global-id.js';
import type { DomainEvent } from '../../generated/prisma/client.js';
import { builder } from '../../graphql/schema/builder.js';
import { connectionType, listArguments } from '../../graphql/schema/connection.js';
import { databaseId, loadNode, node } from '../../graphql/schema/node.js';
import { selectedInPage } from '../../graphql/schema/selection.js';
import { AuditActor } from '../changes/change.actor.types.js';
import { requireToRead } from '../events/event.scopes.js';
import { dataOf, type EventData } from '../events/event.service.js';
import { auditList } from './audit.fields.js';

/** What was changed, for whoever may read what it was changed of. @throws FORBIDDEN without the scope of its type. */
function shownOf(event: Pick<DomainEvent, 'data' | 'type'>, { caller }: Context): EventData {
  requireToRead(caller.scopes, [event.type]);
  return dataOf(event);
}

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
        'The changed fields as they were; null when there was nothing before, or the change is not of fields. Needs the scope of its type.',
      select: { data: true, type: true },
      resolve: (event, _args, context) => shownOf(event, context).before ?? null,
    }),
    after: t.field({
      type: 'JSONObject',
      nullable: true,
      description:
        'The changed fields as they are since; null when nothing is left, or the change is not of fields. Needs the scope of its type.',
      select: { data: true, type: true },
      resolve: (event, _args, context) => shownOf(event, context).after ?? null,
    }),
    details: t.field({
      type: 'JSONObject',
      nullable: true,
      description: 'What else there is to say of the change; null when there is nothing. Needs the scope of its type.',
      select: { data: true, type: true },
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

builder.queryFields((t) => ({
  auditLog: t.field({
    type: connectionType('AuditEntry', AuditEntry),
    description:
      'Every change in the workspace, the latest first. It never holds keys or other secrets. Needs audit:read.',
    authScopes: { scope: 'audit:read' },
    args: listArguments(auditList),
    resolve: (_root, args, { services, caller }, info) =>
      services.audit.list(caller, { ...args, select: selectedInPage(info, 'AuditEntry') }),
  }),
}));
