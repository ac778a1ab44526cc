import type { WebhookAttemptResult as ResultValue } from '../../../generated/prisma/client.js';
import { builder } from '../../../graphql/schema/builder.js';
import { connectionType, listArguments } from '../../../graphql/schema/connection.js';
import { DateTimeComparator, enumComparator, orderInput } from '../../../graphql/schema/inputs.js';
import { databaseId, node } from '../../../graphql/schema/node.js';
import type { AttemptFilter } from '../webhook.listing.js';

const WebhookAttemptResult = builder.enumType('WebhookAttemptResult', {
  description: 'What an attempt to deliver came to.',
  values: {
    SUCCEEDED: { description: 'The answer had a status from 200 to 299.' },
    REJECTED: { description: 'The answer had another status; redirects are not followed.' },
    TIMED_OUT: { description: 'The answer was not complete within 15 seconds.' },
    UNREACHABLE: { description: 'There was no answer: no such host, no connection, or none that can be trusted.' },
    FORBIDDEN_TARGET: { description: 'The host leads to an address that is not public, so nothing was sent.' },
  } satisfies Record<ResultValue, object>,
});

const WebhookAttempt = builder.prismaNode('WebhookAttempt', {
  description: 'One request that was made to deliver an event. Needs webhooks:read.',
  ...node({ scope: 'webhooks:read' }),
  fields: (t) => ({
    databaseId: t.exposeID('id', databaseId),
    result: t.expose('result', { type: WebhookAttemptResult, description: 'What it came to.' }),
    responseStatus: t.exposeInt('responseStatus', {
      nullable: true,
      description: 'The HTTP status of the answer; null when there was none.',
    }),
    responseExcerpt: t.exposeString('responseExcerpt', {
      nullable: true,
      description: 'The first 1,024 bytes of the answer as text; null when there was none.',
    }),
    error: t.exposeString('error', {
      nullable: true,
      description:
        'Why there was no answer, such as ECONNREFUSED or CERT_HAS_EXPIRED; null when the result says it all.',
    }),
    startedAt: t.expose('startedAt', { type: 'DateTime', description: 'When the request was begun.' }),
    durationMs: t.exposeInt('durationMs', {
      description: 'How many milliseconds it took until the answer was complete, or there was none.',
    }),
  }),
});

const WebhookAttemptFilter = builder.inputRef<AttemptFilter>('WebhookAttemptFilter').implement({
  description: 'Which attempts to deliver; all of its conditions must hold.',
  fields: (t) => ({
    and: t.field({ type: [WebhookAttemptFilter], description: 'Each of these holds.' }),
    or: t.field({ type: [WebhookAttemptFilter], description: 'One of these holds.' }),
    not: t.field({ type: WebhookAttemptFilter, description: 'This does not hold.' }),
    result: t.field({
      type: enumComparator('WebhookAttemptResult', WebhookAttemptResult),
      description: 'By what they came to.',
    }),
    startedAt: t.field({ type: DateTimeComparator, description: 'By when they were begun.' }),
  }),
});

const WebhookAttemptOrderField = builder.enumType('WebhookAttemptOrderField', {
  description: 'What attempts to deliver can be sorted by.',
  values: { STARTED_AT: { description: 'When they were begun.' } } satisfies Record<'STARTED_AT', object>,
});

export const WebhookAttemptConnection = connectionType('WebhookAttempt', WebhookAttempt);

export const webhookAttemptArguments = listArguments({
  filter: WebhookAttemptFilter,
  order: orderInput('WebhookAttemptOrder', WebhookAttemptOrderField),
  defaultOrder: 'STARTED_AT DESC',
});
