import type { DomainEvent } from '../../generated/prisma/client.js';
import { builder } from '../../graphql/schema/builder.js';
import { dataOf } from '../events/event.service.js';
import { AuditActor } from './change.actor.types.js';

/** The fields that every event of a subscription has. The resolved values have the event. */
export const ChangeEvent = builder.interfaceRef<{ event: DomainEvent }>('ChangeEvent').implement({
  description: 'One change in the workspace, as subscriptions send it.',
  fields: (t) => ({
    seq: t.field({
      type: 'BigInt',
      description:
        'The sequence number of the change in the workspace; it increases, with gaps. Pass it as `after` to resume after this change.',
      resolve: ({ event }) => event.seq,
    }),
    type: t.string({
      description: 'The type of the change, beginning with the kind of object, such as "conversation.assigned".',
      resolve: ({ event }) => event.type,
    }),
    entityId: t.id({
      description: 'The plain id of the changed object, which may be deleted.',
      resolve: ({ event }) => event.entityId,
    }),
    actor: t.field({ type: AuditActor, description: 'Who made the change.', resolve: ({ event }) => event }),
    before: t.field({
      type: 'JSONObject',
      nullable: true,
      description: 'The changed fields with their values before; null when the object is new or no fields changed.',
      resolve: ({ event }) => dataOf(event).before ?? null,
    }),
    after: t.field({
      type: 'JSONObject',
      nullable: true,
      description: 'The changed fields with their values after; null when the object was deleted or no fields changed.',
      resolve: ({ event }) => dataOf(event).after ?? null,
    }),
    occurredAt: t.field({
      type: 'DateTime',
      description: 'When the change was made. Changes of one transaction have the same time.',
      resolve: ({ event }) => event.occurredAt,
    }),
  }),
});

/** The argument with which a subscription resumes after an event. */
export const resumeArgument = () =>
  builder.args((t) => ({
    after: t.field({
      type: 'BigInt',
      description:
        'The seq of the last change that you received. All changes after it are sent, then new ones, each once. Only new changes when left out.',
    }),
  }));
