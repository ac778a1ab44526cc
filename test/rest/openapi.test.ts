import { getVariableValues, Kind, parse, validate } from 'graphql';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { schema } from '../../src/graphql/schema.js';
import { cstar } from '../../src/rest/cstar/dialect.js';
import { linquid } from '../../src/rest/linquid/dialect.js';
import { createRouter } from '../../src/rest/router.js';
import { tidysupport } from '../../src/rest/tidysupport/dialect.js';
import { startTestServer, type TestServer } from '../kit/http.js';

/** The description at /openapi.json. */

interface Operation {
  operationId: string;
  parameters: { name: string; in: string; required: boolean; schema: Record<string, unknown> }[];
  requestBody?: {
    required: boolean;
    content: { 'application/json': { schema: Record<string, unknown>; example: unknown } };
  };
  responses: Record<string, { content?: { 'application/json': { example?: unknown } } }>;
  'x-graphql-operation': string;
  'x-graphql-document': string;
  'x-graphql-variables'?: Record<string, unknown>;
}

let server: TestServer;
let description: {
  openapi: string;
  'x-tagGroups': { name: string; tags: string[] }[];
  paths: Record<string, Record<string, Operation & { tags: string[] }>>;
};

beforeAll(async () => {
  server = await startTestServer();
  const response = await fetch(`${server.origin}/openapi.json`);
  expect(response.headers.get('content-type')).toBe('application/json; charset=utf-8');
  description = (await response.json()) as typeof description;
});
afterAll(() => server.close());

test('describes every route by its method, with the GraphQL operation that gives the same', () => {
  expect(description.openapi).toBe('3.1.0');
  const described = Object.entries(description.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(
      ([method, operation]) => `${method.toUpperCase()} ${path}: ${operation['x-graphql-operation']}`,
    ),
  );
  const inbox = '/v1/workspaces/{workspaceId}/support/inbox';
  const team = '/api/v1/teams/{teamId}/customers';
  const tickets = '/api/v1/teams/{teamId}/tickets';
  const webhooks = '/api/v1/teams/{teamId}/webhooks';
  expect(described.sort()).toEqual(
    [
      'POST /v1/customers: mutation createCustomer',
      'GET /v1/customers: query customers',
      'GET /v1/customers/lookup: query customer',
      'GET /v1/customers/{id}: query customer',
      'PUT /v1/customers/{id}: mutation updateCustomer',
      'DELETE /v1/customers/{id}: mutation deleteCustomer',
      `GET ${inbox}/customers: query contacts`,
      `GET ${inbox}/contacts/{contactId}: query contact`,
      `POST ${inbox}/contacts: mutation createContact`,
      `GET ${inbox}/search: query search`,
      `GET ${inbox}/conversations: query conversations`,
      `POST ${inbox}/conversations: mutation startConversation`,
      `GET ${inbox}/conversations/{conversationId}: query conversation`,
      `GET ${inbox}/conversations/{conversationId}/messages: query conversation`,
      `POST ${inbox}/conversations/{conversationId}/messages: mutation addMessage`,
      'GET /v1/webhooks: query webhookEndpoints',
      'POST /v1/webhooks: mutation createWebhookEndpoint',
      'PUT /v1/webhooks/{id}: mutation updateWebhookEndpoint',
      'DELETE /v1/webhooks/{id}: mutation deleteWebhookEndpoint',
      'GET /v1/analytics/overview: query supportVolume',
      'GET /v1/analytics/events/timeseries: query supportVolume',
      'GET /v1/analytics/top-countries: query supportVolume',
      'GET /api/v1/auth/whoami: query viewer',
      `GET ${tickets}: query conversations`,
      `POST ${tickets}: mutation startConversation`,
      `GET ${tickets}/{ticketId}: query conversation`,
      `PATCH ${tickets}/{ticketId}: mutation updateConversation`,
      `DELETE ${tickets}/{ticketId}: mutation deleteConversation`,
      `GET ${tickets}/{ticketId}/messages: query conversation`,
      `POST ${tickets}/{ticketId}/messages: mutation addMessage`,
      'GET /api/links: query links',
      'POST /api/links: mutation createLink',
      'POST /api/conversions/track: mutation recordConversion',
      'GET /api/conversions/postback: mutation recordConversion',
      'POST /conversions/s2s: mutation recordConversion',
      `GET ${webhooks}: query webhookEndpoints`,
      `POST ${webhooks}: mutation createWebhookEndpoint`,
      `GET ${webhooks}/{webhookId}: query webhookEndpoint`,
      `PATCH ${webhooks}/{webhookId}: mutation updateWebhookEndpoint`,
      `DELETE ${webhooks}/{webhookId}: mutation deleteWebhookEndpoint`,
      `POST ${webhooks}/{webhookId}/test: mutation sendTestWebhook`,
      `PUT ${inbox}/conversations/{conversationId}/status: mutation setConversationStatus`,
      `PUT ${inbox}/conversations/{conversationId}/assign: mutation assignConversation`,
      `GET ${inbox}/customers/{contactId}/conversations: query contact`,
      `GET ${team}: query customers`,
      `POST ${team}: mutation createCustomer`,
      `GET ${team}/{customerId}: query customer`,
      `PATCH ${team}/{customerId}: mutation updateCustomer`,
      `DELETE ${team}/{customerId}: mutation deleteCustomer`,
      ...['/customers', '/api/customers'].flatMap((customers) => [
        `GET ${customers}: query trackedCustomers`,
        `GET ${customers}/count: query trackedCustomersCount`,
        `GET ${customers}/{id}: query trackedCustomer`,
        `POST ${customers}: mutation upsertTrackedCustomer`,
        `PATCH ${customers}/{id}: mutation updateTrackedCustomer`,
        `DELETE ${customers}/{id}: mutation deleteTrackedCustomer`,
        `GET ${customers}/cohorts: query customerCohorts`,
        `GET ${customers}/ltv-cohorts: query ltvCohorts`,
        `POST ${customers}/{id}/recalculate-ltv: mutation recalculateCustomerLtv`,
        `GET ${customers}/{id}/journey: query trackedCustomerJourney`,
        `GET ${customers}/{id}/attribution: query trackedCustomerAttribution`,
      ]),
    ].sort(),
  );
});

test('describes parameters with their defaults and limits', () => {
  const { parameters } = description.paths['/v1/customers']?.get ?? { parameters: [] };
  expect(parameters).toMatchObject([
    { name: 'status', in: 'query', required: false, schema: { enum: ['ACTIVE', 'SUSPENDED'] } },
    { name: 'limit', in: 'query', required: false, schema: { type: 'integer', minimum: 1, maximum: 100, default: 20 } },
    { name: 'cursor', in: 'query', required: false, schema: { type: 'string' } },
  ]);
});

test('describes the query parameters of Linquid', () => {
  const described = (path: string) =>
    description.paths[path]?.get?.parameters.filter((parameter) => parameter.in === 'query');
  expect(described('/customers')).toMatchObject([
    { name: 'page', required: false, schema: { type: 'integer', minimum: 1, default: 1 } },
    { name: 'limit', required: false, schema: { type: 'integer', minimum: 1, maximum: 100, default: 20 } },
    { name: 'sortOrder', required: false, schema: { enum: ['asc', 'desc'], default: 'desc' } },
    { name: 'search', required: false, schema: { type: 'string' } },
  ]);
  expect(described('/customers/cohorts')).toMatchObject([
    { name: 'group_by', required: false, schema: { enum: ['week', 'month', 'campaign', 'source'], default: 'week' } },
    { name: 'start', required: false, schema: { type: 'string', format: 'date' } },
    { name: 'end', required: false, schema: { type: 'string', format: 'date' } },
  ]);
  expect(described('/customers/ltv-cohorts')).toMatchObject([
    { name: 'months', required: false, schema: { type: 'integer', minimum: 1, maximum: 24, default: 12 } },
  ]);
});

test('describes each name in a path', () => {
  for (const [path, methods] of Object.entries(description.paths)) {
    const names = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name);
    for (const { parameters } of Object.values(methods)) {
      const described = parameters.filter((parameter) => parameter.in === 'path');
      expect(described.map(({ name }) => name)).toEqual(names);
      expect(described.every(({ required }) => required)).toBe(true);
    }
  }
});

test('describes a body with what it must hold', () => {
  const post = description.paths['/v1/customers']?.post;
  expect(post?.requestBody?.content['application/json'].schema).toMatchObject({
    type: 'object',
    required: ['externalId'],
    properties: { externalId: { type: 'string', maxLength: 255 }, status: { enum: ['ACTIVE', 'SUSPENDED'] } },
  });
});

test('says which bodies may be left out: those without a field that must be there', () => {
  const bodies = Object.values(description.paths).flatMap((methods) =>
    Object.values(methods).flatMap(({ requestBody }) => requestBody ?? []),
  );
  for (const { required, content } of bodies) {
    const { required: needed = [] } = content['application/json'].schema as { required?: string[] };
    expect([needed, required]).toEqual([needed, needed.length > 0]);
  }
  expect(description.paths['/v1/customers']?.post?.requestBody?.required).toBe(true);
  expect(description.paths['/v1/customers/{id}']?.put?.requestBody?.required).toBe(false);
});

test('names each operation once', () => {
  const ids = Object.values(description.paths).flatMap((methods) =>
    Object.values(methods).map(({ operationId }) => operationId),
  );
  expect(new Set(ids).size).toBe(ids.length);
});

test('has for each route an operation of GraphQL that can be sent as it is', () => {
  const operations = Object.values(description.paths).flatMap((methods) => Object.values(methods));
  for (const { operationId, ...operation } of operations) {
    const document = parse(operation['x-graphql-document']);
    expect(validate(schema, document), operationId).toEqual([]);
    const [definition] = document.definitions;
    if (definition?.kind !== Kind.OPERATION_DEFINITION) throw new Error(`${operationId} begins with no operation.`);
    const variables = operation['x-graphql-variables'];
    expect(variables, operationId).toBeDefined();
    const { errors } = getVariableValues(schema, definition.variableDefinitions ?? [], variables ?? {});
    expect(errors, operationId).toBeUndefined();
  }
});

test('puts each tag into the group of its vendor', () => {
  const groups = description['x-tagGroups'];
  expect(groups).toContainEqual({
    name: 'tidysupport',
    tags: [
      'TidySupport Customers',
      'TidySupport Contacts',
      'TidySupport Conversations',
      'TidySupport Messages',
      'TidySupport Webhooks',
      'TidySupport Analytics',
    ],
  });
  const grouped = groups.flatMap(({ tags }) => tags);
  const used = Object.values(description.paths).flatMap((methods) =>
    Object.values(methods).flatMap(({ tags }) => tags),
  );
  expect(grouped.toSorted()).toEqual([...new Set(used)].toSorted());
});

test('only takes GET', async () => {
  const response = await fetch(`${server.origin}/openapi.json`, { method: 'POST' });
  expect(response.status).toBe(405);
  expect(response.headers.get('allow')).toBe('GET, HEAD');
});

describe('the example of each answer and body', () => {
  const routes = [tidysupport, cstar, ...linquid].flatMap((dialect) => dialect.routes);
  const answers = routes.flatMap(({ method, path, responses }) =>
    responses.flatMap(({ status, schema, example }) =>
      example === undefined || !schema ? [] : [[`${method} ${path} ${status}`, schema, example] as const],
    ),
  );
  const bodies = routes.flatMap(({ method, path, body, bodyExample }) =>
    body ? [[`${method} ${path}`, body, bodyExample] as const] : [],
  );
  test.each([...answers, ...bodies])('meets its schema: %s', (_what, schema, example) => {
    expect(schema.safeParse(example)).toMatchObject({ success: true });
  });
});

test('a path without names goes before one with names', () => {
  const find = createRouter(tidysupport.routes);
  expect(find('/v1/customers/lookup')?.methods.get('GET')?.id).toBe('lookupCustomer');
  expect(find('/v1/customers/lookups')?.methods.get('GET')?.id).toBe('getCustomer');
});
