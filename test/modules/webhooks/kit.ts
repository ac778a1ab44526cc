import { expect } from 'vitest';
import { createApp } from '../../../src/app.js';
import type { WebhookOptions } from '../../../src/application/options.js';
import { startQueue } from '../../../src/db/queue/queue.js';
import { readAllowedTargets } from '../../../src/lib/http/targets.js';
import { createLog } from '../../../src/lib/process/log.js';
import { graphql } from '../../generated/gql.js';
import type { CreateWebhookEndpointInput } from '../../generated/graphql.js';
import { type Desk, openTestApp, type TestApp } from '../../kit/app.js';
import { createTestDatabase, type TestDatabase } from '../../kit/database.js';

const local: WebhookOptions = {
  targets: readAllowedTargets('127.0.0.1'),
  delaysMs: [100, 100, 100],
  timeoutMs: 60_000,
};

/** A gateway with its background work, on a database where no other one takes its jobs; a new one when none is given. */
export async function openWebhookApp(
  options: WebhookOptions = {},
  given?: Pick<TestDatabase, 'connection' | 'drop'>,
): Promise<TestApp> {
  const { connection, drop } = given ?? (await createTestDatabase());
  const webhooks = { ...local, ...options };
  const testApp = await openTestApp({ connection, webhooks });
  const { database } = testApp;
  const log = createLog('silent');
  const background = await createApp({ database, log, webhooks });
  const queue = startQueue({ connection, log, workers: background.workers, pollMs: 50 });
  database.onEnqueue(queue.wake);
  const dispatcher = background.dispatchWebhooks();
  return {
    ...testApp,
    async close() {
      await Promise.all([queue.stop(), dispatcher.stop()]);
      await background.close();
      await testApp.close();
      await drop();
    },
  };
}

export const createEndpoint = graphql(`
  mutation WebhooksCreateEndpoint($input: CreateWebhookEndpointInput!) {
    createWebhookEndpoint(input: $input) {
      secret
      endpoint { ...WebhooksEndpoint }
      userErrors { code message path conflictingId }
    }
  }
  fragment WebhooksEndpoint on WebhookEndpoint {
    id databaseId url description eventTypes format isEnabled disabledAt disabledReason failingSince failureCount
    pausedUntil version createdAt updatedAt
    filter { customerId conversationId channelId }
  }`);

export const updateEndpoint = graphql(`
  mutation WebhooksUpdateEndpoint($input: UpdateWebhookEndpointInput!) {
    updateWebhookEndpoint(input: $input) {
      result
      endpoint { ...WebhooksEndpoint }
      userErrors { code message path conflictingId }
    }
  }`);

export const getEndpoint = graphql(`
  query WebhooksEndpointById($id: ID!) { webhookEndpoint(id: $id) { ...WebhooksEndpoint } }`);

export const listDeliveries = graphql(`
  query WebhooksDeliveries($filter: WebhookDeliveryFilter) {
    webhookDeliveries(filter: $filter, first: 100) {
      totalCount
      nodes {
        databaseId eventType eventId status attemptCount nextAttemptAt finishedAt
        endpoint { databaseId }
        attempts(orderBy: { field: STARTED_AT, direction: ASC }) {
          totalCount
          nodes { result responseStatus responseExcerpt error startedAt durationMs }
        }
      }
    }
  }`);

/** An endpoint and its secret. */
export async function endpointAt(desk: Desk, url: string, input: Partial<CreateWebhookEndpointInput> = {}) {
  const { createWebhookEndpoint } = await desk.run(createEndpoint, { input: { url, ...input } });
  const { endpoint, secret, userErrors } = createWebhookEndpoint;
  expect(userErrors).toEqual([]);
  if (!endpoint || !secret) throw new Error('No endpoint was created.');
  return { id: endpoint.databaseId, secret };
}

/** The deliveries to an endpoint, the latest first. */
export async function deliveriesTo(desk: Desk, id: string) {
  const { webhookDeliveries } = await desk.run(listDeliveries, { filter: { endpointId: { eq: id } } });
  return webhookDeliveries.nodes;
}
