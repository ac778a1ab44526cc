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

/** The data of a change, if the caller may read the changed object. @throws FORBIDDEN without the scope of its type. */
function shownOf(event: Pick<DomainEvent, 'data' | 'type'>, { caller }: Context): EventData {
  requireToRead(caller.scopes, [event.type]);
  return dataOf(event);
}

const AuditEntry = builder.prismaNode('DomainEvent', {
  variant: 'AuditEntry',
  description:
    'One change in the workspace: who changed which object, when, and the values before and after. Needs audit:read.',
  ...node({ scope: 'audit:read' }),
  fields: (t) => ({
    databaseId: t.exposeID('id', databaseId),
    type: t.exposeString('type', {
      description:
        'The type of the change, beginning with the kind of object, such as "customer.updated" or "api_key.revoked".',
    }),
    actor: t.field({
      type: AuditActor,
      description: 'Who made the change.',
      select: { actorId: true },
      resolve: (event) => event,
    }),
    entityId: t.exposeID('entityId', {
      description: 'The plain id of the changed object, which may be deleted.',
    }),
    entity: t.field({
      type: builder.nodeInterfaceRef(),
      nullable: true,
      description: 'The changed object as it is now; null when it is deleted. Needs the scope of its type.',
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
        'The changed fields with their values before; null when the object is new or no fields changed. Needs the scope of its type.',
      select: { data: true, type: true },
      resolve: (event, _args, context) => shownOf(event, context).before ?? null,
    }),
    after: t.field({
      type: 'JSONObject',
      nullable: true,
      description:
        'The changed fields with their values after; null when the object was deleted or no fields changed. Needs the scope of its type.',
      select: { data: true, type: true },
      resolve: (event, _args, context) => shownOf(event, context).after ?? null,
    }),
    details: t.field({
      type: 'JSONObject',
      nullable: true,
      description: 'Other data of the change; null when there is none. Needs the scope of its type.',
      select: { data: true, type: true },
      resolve: (event, _args, context) => {
        const { details } = shownOf(event, context);
        return Object.keys(details).length > 0 ? details : null;
      },
    }),
    occurredAt: t.expose('occurredAt', {
      type: 'DateTime',
      description: 'When the change was made. Changes of one transaction have the same time.',
    }),
  }),
});

builder.queryFields((t) => ({
  auditLog: t.field({
    type: connectionType('AuditEntry', AuditEntry),
    description:
      'All changes in the workspace, the latest first. Keys and other secrets are never included. Needs audit:read.',
    authScopes: { scope: 'audit:read' },
    args: listArguments(auditList),
    resolve: (_root, args, { services, caller }, info) =>
      services.audit.list(caller, { ...args, select: selectedInPage(info, 'AuditEntry') }),
  }),
}));
