import { builder } from '../../../graphql/schema/builder.js';
import { connectionType, listArguments } from '../../../graphql/schema/connection.js';
import { defineEnum } from '../../../graphql/schema/enums.js';
import { databaseId, node } from '../../../graphql/schema/node.js';
import { requireToRead } from '../../events/event.scopes.js';
import { attemptList } from '../webhook.fields.js';

const WebhookAttemptResult = defineEnum('WebhookAttemptResult', {
  description: 'What an attempt to deliver came to.',
  values: {
    SUCCEEDED: { description: 'The answer had a status from 200 to 299.' },
    REJECTED: { description: 'The answer had another status; redirects are not followed.' },
    TIMED_OUT: { description: 'The answer was not complete within 15 seconds.' },
    UNREACHABLE: { description: 'There was no answer: no such host, no connection, or none that can be trusted.' },
    FORBIDDEN_TARGET: { description: 'The host leads to an address that is not public, so nothing was sent.' },
  },
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
    responseExcerpt: t.string({
      nullable: true,
      description:
        'The first 1,024 bytes of the answer as text; null when there was none. An answer may repeat what it was sent, so the key must be able to read events of that type.',
      select: { responseExcerpt: true, deliveryId: true },
      resolve: async ({ responseExcerpt, deliveryId }, _args, { loaders, caller }) => {
        const delivery = responseExcerpt === null ? null : await loaders.byId('WebhookDelivery').load(deliveryId);
        if (delivery?.eventId) requireToRead(caller.scopes, [delivery.type]);
        return responseExcerpt;
      },
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

export const WebhookAttemptConnection = connectionType('WebhookAttempt', WebhookAttempt);

export const webhookAttemptArguments = listArguments(attemptList);
