import type { DomainEvent } from '../../generated/prisma/client.js';
import { builder } from '../../graphql/schema/builder.js';
import { dataOf } from '../events/event.service.js';
import { AuditActor } from './change.actor.types.js';

/** What every event of a subscription tells. The rows behind it hold the event. */
export const ChangeEvent = builder.interfaceRef<{ event: DomainEvent }>('ChangeEvent').implement({
  description: 'One change in the workspace, as subscriptions tell it.',
  fields: (t) => ({
    seq: t.field({
      type: 'BigInt',
      description:
        'Its place among all changes of the workspace: rising, with gaps. Pass it as `after` to go on from here.',
      resolve: ({ event }) => event.seq,
    }),
    type: t.string({
      description: 'What happened, the entity first, such as "conversation.assigned".',
      resolve: ({ event }) => event.type,
    }),
    entityId: t.id({
      description: 'The plain id of what was changed, whether or not it still exists.',
      resolve: ({ event }) => event.entityId,
    }),
    actor: t.field({ type: AuditActor, description: 'Who did it.', resolve: ({ event }) => event }),
    before: t.field({
      type: 'JSONObject',
      nullable: true,
      description:
        'The changed fields as they were; null when there was nothing before, or the change is not of fields.',
      resolve: ({ event }) => dataOf(event).before ?? null,
    }),
    after: t.field({
      type: 'JSONObject',
      nullable: true,
      description: 'The changed fields as they are since; null when nothing is left, or the change is not of fields.',
      resolve: ({ event }) => dataOf(event).after ?? null,
    }),
    occurredAt: t.field({
      type: 'DateTime',
      description: 'When it was done; changes that were made together bear the same time.',
      resolve: ({ event }) => event.occurredAt,
    }),
  }),
});

/** The argument by which every subscription resumes. */
export const resumeArgument = () =>
  builder.args((t) => ({
    after: t.field({
      type: 'BigInt',
      description:
        'The seq of the change told last: those after it are told first, then what comes, each once. From now on when left out.',
    }),
  }));
