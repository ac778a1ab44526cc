import { composeServices as composeByApollo } from '@apollo/composition';
import { getStitchedSchemaFromSupergraphSdl } from '@graphql-tools/federation';
import { composeServices as composeByGuild } from '@theguild/federation-composition';
import { GraphQLScalarType, parse } from 'graphql';
import { createSchema, createYoga } from 'graphql-yoga';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { encodeGlobalId } from '../../src/db/global-id.js';
import { maxRepresentations } from '../../src/graphql/schema/federation/entities.js';
import type { Desk } from '../kit/app.js';
import { ask } from '../kit/ask.js';
import { startTestServer, type TestServer } from '../kit/http.js';
import { statementsOf } from '../kit/statements.js';
import { type Story, tellStory } from '../kit/story.js';

/** Deskgraph as one of two subgraphs: composed by the two libraries that do so, and asked through a gateway. */

let server: TestServer;
let story: Story;
beforeAll(async () => {
  server = await startTestServer({ federation: true });
  story = await tellStory(server);
});
afterAll(() => server.close());

/** The other subgraph: what customers owe, and what was paid back after a conversation. */
const billingSdl = `
  extend schema @link(url: "https://specs.apollo.dev/federation/v2.3", import: ["@key", "@shareable"])
  type Query { invoices: [Invoice!]! }
  type Invoice @key(fields: "number") { number: ID! customer: Customer total: Money! }
  type Customer @key(fields: "databaseId") { databaseId: ID! invoices: [Invoice!]! }
  type Conversation @key(fields: "id") { id: ID! refund: Money }
  type Money @shareable { amountMinor: BigInt! currency: String! }
  scalar BigInt
`;

interface Representation {
  __typename: string;
  id: string;
  databaseId: string;
}

/** It knows two invoices, one of them of somebody whom the desk does not know. */
function billing() {
  const money = { amountMinor: 1_299, currency: 'USD' };
  const invoices = () => [
    { number: 'INV-1', customer: { databaseId: story.jane.id }, total: money },
    { number: 'INV-2', customer: { databaseId: 'ctc_nobody' }, total: money },
  ];
  const typeDefs = `${billingSdl.replace(/^ *extend schema.*$/m, '').replaceAll(/@(key\(.*?\)|shareable)/g, '')}
    scalar _Any  union _Entity = Customer | Conversation
    extend type Query { _entities(representations: [_Any!]!): [_Entity]! }`;
  const schema = createSchema({
    typeDefs,
    resolvers: {
      _Any: new GraphQLScalarType({ name: '_Any' }),
      Query: {
        invoices,
        _entities: (_root: unknown, { representations }: { representations: Representation[] }) => representations,
      },
      Customer: {
        invoices: ({ databaseId }: Representation) =>
          invoices().filter(({ customer }) => customer.databaseId === databaseId),
      },
      Conversation: {
        refund: ({ id }: Representation) =>
          id === encodeGlobalId('Conversation', story.billing.id) ? { amountMinor: 500, currency: 'USD' } : null,
      },
    },
  });
  return createYoga({ schema, logging: false });
}

const sdlOf = async (desk: Desk): Promise<string> => {
  const { data } = await ask(server, desk, '{ _service { sdl } }');
  return (data as { _service: { sdl: string } })._service.sdl;
};

const subgraphs = async () => [
  { name: 'desk', url: server.endpoint, typeDefs: parse(await sdlOf(story.desk)) },
  { name: 'billing', url: 'http://billing.test/graphql', typeDefs: parse(billingSdl) },
];

/** A gateway over both subgraphs, which hands the key of its client on. */
async function gatewayOver(supergraphSdl: string) {
  const other = billing();
  const schema = getStitchedSchemaFromSupergraphSdl({
    supergraphSdl,
    httpExecutorOpts: ({ name }) => ({
      headers: (request) => ({ authorization: request?.context?.authorization ?? '' }),
      // Not over connections: to compose takes so long that idle ones end meanwhile.
      fetch: async (url: string, init?: RequestInit) =>
        (name.toLowerCase() === 'billing' ? other : server.app.graphql).fetch(new Request(url, init)),
    }),
  });
  const gateway = createYoga({
    schema,
    logging: false,
    maskedErrors: false,
    context: ({ request }) => ({ authorization: request.headers.get('authorization') }),
  });
  return async (query: string, key = story.desk.key): Promise<{ data?: unknown; errors?: unknown[] }> => {
    const answer = await gateway.fetch('http://gateway.test/graphql', {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${key}` },
      body: JSON.stringify({ query }),
    });
    return (await answer.json()) as { data?: unknown; errors?: unknown[] };
  };
}

const composers = {
  '@apollo/composition': async () => composeByApollo(await subgraphs()),
  '@theguild/federation-composition': async () => composeByGuild(await subgraphs()),
};

describe.each(Object.entries(composers))('composed by %s', (_name, compose) => {
  let query: Awaited<ReturnType<typeof gatewayOver>>;
  beforeAll(async () => {
    const { errors = [], supergraphSdl = '' } = await compose();
    expect(errors.map(({ message }) => message)).toEqual([]);
    query = await gatewayOver(supergraphSdl);
  });

  test('a customer of the desk has the invoices of the other subgraph', async () => {
    expect(await query('{ customers { nodes { name invoices { number total { currency } } } } }')).toEqual({
      data: {
        customers: {
          nodes: expect.arrayContaining([
            { name: 'Jane Doe', invoices: [{ number: 'INV-1', total: { currency: 'USD' } }] },
          ]),
        },
      },
    });
  });

  test('an invoice of the other subgraph has the customer of the desk, and nothing of one whom it does not know', async () => {
    expect(await query('{ invoices { number customer { name email } } }')).toEqual({
      data: {
        invoices: [
          { number: 'INV-1', customer: { name: 'Jane Doe', email: 'jane@example.com' } },
          // The other subgraph says that there is one.
          { number: 'INV-2', customer: { name: null, email: null } },
        ],
      },
    });
  });

  test('a conversation is joined by its global id', async () => {
    const id = encodeGlobalId('Conversation', story.billing.id);
    expect(await query(`{ conversation(id: "${id}") { subject refund { amountMinor } } }`)).toEqual({
      data: { conversation: { subject: story.billing.subject, refund: { amountMinor: expect.anything() } } },
    });
  });
});

describe('_entities', () => {
  const document = `query ($representations: [_Any!]!) {
    _entities(representations: $representations) {
      __typename
      ... on Customer { email }
      ... on Contact { databaseId }
      ... on Conversation { databaseId assignee { name } }
      ... on Agent { name }
      ... on Workspace { name }
    }
  }`;
  const entities = async (representations: unknown, desk = story.desk) => {
    const { data, errors = [] } = await ask(server, desk, document, { representations });
    return { entities: (data as { _entities?: unknown } | undefined)?._entities, errors };
  };

  test('gives each object by either key, in order, first run and compiled', async () => {
    const { jane, billing: conversation, ada, desk } = story;
    for (let run = 1; run <= 3; run += 1) {
      const answer = await entities([
        { __typename: 'Conversation', id: encodeGlobalId('Conversation', conversation.id) },
        { __typename: 'Contact', databaseId: jane.id },
        { __typename: 'Customer', databaseId: jane.id },
        { __typename: 'Agent', id: ada.id },
        { __typename: 'Workspace', databaseId: desk.workspaceId },
      ]);
      expect({ run, ...answer }).toEqual({
        run,
        errors: [],
        entities: [
          { __typename: 'Conversation', databaseId: conversation.id, assignee: null },
          { __typename: 'Contact', databaseId: jane.id },
          { __typename: 'Customer', email: 'jane@example.com' },
          { __typename: 'Agent', name: 'Ada' },
          { __typename: 'Workspace', name: 'Support' },
        ],
      });
    }
  });

  test('takes the key that is there where the other is null', async () => {
    const { jane } = story;
    const id = encodeGlobalId('Customer', jane.id);
    const answer = await entities([
      { __typename: 'Customer', id: null, databaseId: jane.id },
      { __typename: 'Customer', id, databaseId: null },
    ]);
    const found = { __typename: 'Customer', email: 'jane@example.com' };
    expect(answer).toEqual({ errors: [], entities: [found, found] });
  });

  test('takes one statement of each type for a hundred representations', async () => {
    const { desk, jane, ada } = story;
    const representations = Array.from({ length: 100 }, (_none, index) =>
      index % 2
        ? { __typename: 'Customer', databaseId: index === 1 ? jane.id : `ctc_${index}` }
        : { __typename: 'Agent', databaseId: index === 0 ? ada.id : `agt_${index}` },
    );
    const statements = await statementsOf(async () => {
      const answer = await entities(representations, desk);
      expect(answer.entities).toHaveLength(100);
      expect(answer.errors).toEqual([]);
    });
    expect(statements).toHaveLength(2);
  });

  test('shows nothing of another workspace', async () => {
    const stranger = await server.createDesk('Other');
    const { jane, billing: conversation, ada, desk } = story;
    const answer = await entities(
      [
        { __typename: 'Customer', databaseId: jane.id },
        { __typename: 'Conversation', id: encodeGlobalId('Conversation', conversation.id) },
        { __typename: 'Agent', id: ada.id },
        { __typename: 'Workspace', databaseId: desk.workspaceId },
      ],
      stranger,
    );
    expect(answer).toEqual({ entities: [null, null, null, null], errors: [] });
  });

  test('needs the scope of each type', async () => {
    const narrow = await story.desk.withScopes('customers:read');
    const representations = [
      { __typename: 'Customer', databaseId: story.jane.id },
      { __typename: 'Conversation', databaseId: story.billing.id },
    ];
    const visible = { __typename: 'Customer', email: 'jane@example.com' };
    for (let run = 1; run <= 3; run += 1) {
      const { entities: found, errors } = await entities(representations, narrow);
      expect({ run, found }).toEqual({ run, found: [visible, null] });
      expect(errors).toMatchObject([
        { path: ['_entities', 1], extensions: { code: 'FORBIDDEN', requiredScope: 'conversations:read' } },
      ]);
    }
    const ids = representations.map(({ databaseId }) => databaseId);
    for (let run = 1; run <= 3; run += 1) {
      const nodes = 'query ($ids: [ID!]!) { nodes(ids: $ids) { __typename ... on Customer { email } } }';
      const { data } = await ask(server, narrow, nodes, { ids });
      expect({ run, data }).toEqual({ run, data: { nodes: [visible, null] } });
    }
  });

  test.each([
    ['of no type here', { __typename: 'Invoice', id: 'x' }, 'representations.0.__typename'],
    ['of a type without keys', { __typename: 'PageInfo', id: 'x' }, 'representations.0.__typename'],
    ['of a prototype', { __typename: 'constructor', id: 'x' }, 'representations.0.__typename'],
    ['without a key', { __typename: 'Customer' }, 'representations.0.id'],
    ['with nothing for its keys', { __typename: 'Customer', id: null, databaseId: null }, 'representations.0.id'],
    ['with a key that is no text', { __typename: 'Customer', databaseId: {} }, 'representations.0.databaseId'],
    ['with the id of another type', { __typename: 'Customer', id: 'agt_1' }, 'representations.0.id'],
    ['that is no object', 'Customer', 'representations.0.__typename'],
  ])('refuses a representation %s, and answers the others', async (_what, wrong, argument) => {
    const right = { __typename: 'Customer', databaseId: story.jane.id };
    const { entities: found, errors } = await entities([wrong, right]);
    expect(found).toEqual([null, { __typename: 'Customer', email: 'jane@example.com' }]);
    expect(errors).toMatchObject([{ extensions: { code: 'BAD_USER_INPUT', argument } }]);
  });

  test('takes so many representations, each for its points', async () => {
    const one = { __typename: 'Agent', id: story.ada.id };
    const many = Array.from({ length: maxRepresentations + 1 }, () => one);
    const tooMany = await entities(many);
    expect(tooMany.errors).toMatchObject([{ extensions: { code: 'BAD_USER_INPUT', argument: 'representations' } }]);
    const answer = await fetch(server.endpoint, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${story.desk.key}`,
        'content-type': 'application/json',
        'x-deskgraph-cost': '1',
      },
      body: JSON.stringify({ query: document, variables: { representations: many.slice(0, 100) } }),
    });
    // Each may be a conversation with the agent whom it is assigned to.
    expect(await answer.json()).toMatchObject({ extensions: { cost: { requested: 200 } } });
  });
});

test('the text of the schema names the keys, the values that others may have too, and the scopes', async () => {
  const sdl = await sdlOf(story.desk);
  expect(sdl).toContain('type Message implements Node @key(fields: "id") @key(fields: "databaseId")');
  expect(sdl.match(/@key\(fields: "id"\) @key\(fields: "databaseId"\)/g)).toHaveLength(20);
  expect(sdl).toContain('type PageInfo @shareable');
  expect(sdl).toContain('@tag(name: "scope/apiKeys/read")');
  expect(sdl).not.toMatch(/_entities|_service|_Any/);
});

test('a gateway that keeps its schema to itself does not tell it as a subgraph either', async () => {
  const closed = await startTestServer({ federation: true, introspection: 'off' });
  const desk = await closed.createDesk();
  const { errors } = await ask(closed, desk, '{ _service { sdl } }');
  expect(errors).toMatchObject([{ message: expect.stringContaining('INTROSPECTION') }]);
  await closed.close();
});

test('without federation there is neither field', async () => {
  const alone = await startTestServer();
  const desk = await alone.createDesk();
  const { errors = [] } = await ask(alone, desk, '{ _service { sdl } _entities(representations: []) { __typename } }');
  expect(errors).toHaveLength(2);
  await alone.close();
});
