import { builder } from '../../../graphql/schema/builder.js';
import { connectionType, listArguments } from '../../../graphql/schema/connection.js';
import { defineEnum } from '../../../graphql/schema/enums.js';
import { databaseId, node } from '../../../graphql/schema/node.js';
import { requireToSeeAll } from '../../customer/customer.record.js';
import { requireToRead, subjectOf } from '../../events/event.scopes.js';
import { attemptList } from '../webhook.fields.js';

const WebhookAttemptResult = defineEnum('WebhookAttemptResult', {
  description: 'The result of an attempt.',
  values: {
    SUCCEEDED: { description: 'The response had a status from 200 to 299.' },
    REJECTED: { description: 'The response had another status. Redirects are not followed.' },
    TIMED_OUT: { description: 'The response was not complete within 15 seconds.' },
    UNREACHABLE: {
      description:
        'There was no response: the host is unknown, or no connection or no trusted TLS connection was possible.',
    },
    FORBIDDEN_TARGET: { description: 'The host has an address that is not public, so nothing was sent.' },
  },
});

const WebhookAttempt = builder.prismaNode('WebhookAttempt', {
  description: 'One HTTP request of a delivery. Needs webhooks:read.',
  ...node({ scope: 'webhooks:read' }),
  fields: (t) => ({
    databaseId: t.exposeID('id', databaseId),
    result: t.expose('result', { type: WebhookAttemptResult, description: 'The result.' }),
    responseStatus: t.exposeInt('responseStatus', {
      nullable: true,
      description: 'The HTTP status of the response; null if there was none.',
    }),
    responseExcerpt: t.string({
      nullable: true,
      description:
        'The first 1,024 bytes of the response body as text; null if there was no response. A response may repeat the event, so the API key must have the scopes to read all that an event of this type shows.',
      select: { responseExcerpt: true, deliveryId: true },
      resolve: async ({ responseExcerpt, deliveryId }, _args, { loaders, caller }) => {
        const delivery = responseExcerpt === null ? null : await loaders.byId('WebhookDelivery').load(deliveryId);
        if (delivery?.eventId) {
          requireToRead(caller.scopes, [delivery.type]);
          if (subjectOf(delivery.type) === 'customer') requireToSeeAll(caller.scopes);
        }
        return responseExcerpt;
      },
    }),
    error: t.exposeString('error', {
      nullable: true,
      description:
        'Why there was no response, such as ECONNREFUSED or CERT_HAS_EXPIRED; null if the result needs no further explanation.',
    }),
    startedAt: t.expose('startedAt', { type: 'DateTime', description: 'When the request was started.' }),
    durationMs: t.exposeInt('durationMs', {
      description: 'The milliseconds until the response was complete, or until the attempt failed.',
    }),
  }),
});

export const WebhookAttemptConnection = connectionType('WebhookAttempt', WebhookAttempt);

export const webhookAttemptArguments = listArguments(attemptList);
