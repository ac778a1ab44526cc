import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { allScopes, type Scope } from '../../src/auth/scopes.js';
import { type Desk, openTestApp, post, type TestApp } from '../kit/app.js';
import { ask } from '../kit/ask.js';
import { newEvents } from '../kit/records.js';
import { type Story, tellStory } from '../kit/story.js';

let testApp: TestApp;
let story: Story;
/** Clients of the desk by the one scope that each lacks. */
let without: Record<Scope, Desk>;

beforeAll(async () => {
  testApp = await openTestApp();
  story = await tellStory(testApp);
  const { desk } = story;
  const lacking = async (scope: Scope) => [scope, await desk.withScopes(...allScopes.filter((one) => one !== scope))];
  without = Object.fromEntries(await Promise.all(allScopes.map(lacking)));
});
afterAll(() => testApp.close());

type Forbidden = [scope: Scope, path: (string | number)[], document: (story: Story) => string];

/** What queries need; `every-mutation.test.ts` has the mutations. */
const forbidden: Forbidden[] = [
  ['audit:read', ['auditLog'], () => '{ auditLog { nodes { id } } }'],
  ['audit:read', ['node'], () => '{ node(id: "evt_1") { id } }'],
  ['customers:read', ['customer'], () => '{ customer(id: "ctc_1") { id } }'],
  ['customers:read', ['customers'], () => '{ customers { nodes { id } } }'],
  ['customers:read', ['contact'], () => '{ contact(id: "ctc_1") { id } }'],
  ['customers:read', ['contacts'], () => '{ contacts { totalCount } }'],
  ['customers:read', ['node'], () => '{ node(id: "ctc_1") { id } }'],
  ['customers:read', ['nodes', 0], ({ jane }) => `{ nodes(ids: ["${jane.id}"]) { id } }`],
  [
    'customers:read',
    ['conversations', 'nodes', 0, 'contact'],
    () => '{ conversations { nodes { contact { name } } } }',
  ],
  [
    'customers:read',
    ['conversations', 'nodes', 0, 'customer'],
    () => '{ conversations { nodes { customer { name } } } }',
  ],
  ['conversations:read', ['conversation'], () => '{ conversation(id: "thd_1") { id } }'],
  ['conversations:read', ['conversations'], () => '{ conversations { nodes { id } } }'],
  ['conversations:read', ['node'], ({ question }) => `{ node(id: "${question.id}") { id } }`],
  ['conversations:read', ['node'], ({ billing }) => `{ node(id: "${billing.id}") { id } }`],
  [
    'conversations:read',
    ['customer', 'conversations'],
    ({ jane }) => `{ customer(id: "${jane.id}") { conversations { totalCount } } }`,
  ],
  [
    'conversations:read',
    ['customer', 'latestConversation'],
    ({ jane }) => `{ customer(id: "${jane.id}") { latestConversation { id } } }`,
  ],
  [
    'conversations:read',
    ['contact', 'conversations'],
    ({ jane }) => `{ contact(id: "${jane.id}") { conversations { totalCount } } }`,
  ],
  [
    'conversations:read',
    ['agents', 'nodes', 0, 'assignedConversations'],
    () => '{ agents(first: 1) { nodes { assignedConversations { totalCount } } } }',
  ],
  ['conversations:read', ['message'], ({ question }) => `{ message(id: "${question.id}") { id } }`],
  ['conversations:read', ['node'], ({ screenshot }) => `{ node(id: "${screenshot.id}") { id } }`],
  ['webhooks:read', ['webhookEndpoint'], () => '{ webhookEndpoint(id: "whe_1") { id } }'],
  ['webhooks:read', ['webhookEndpoints'], () => '{ webhookEndpoints { nodes { id } } }'],
  ['webhooks:read', ['webhookDelivery'], () => '{ webhookDelivery(id: "whd_1") { id } }'],
  ['webhooks:read', ['webhookDeliveries'], () => '{ webhookDeliveries { nodes { id } } }'],
  ['webhooks:read', ['node'], () => '{ node(id: "whe_1") { id } }'],
  ['webhooks:read', ['nodes', 0], () => '{ nodes(ids: ["whd_1"]) { id } }'],
  ['webhooks:read', ['node'], () => '{ node(id: "wha_1") { id } }'],
  // An endpoint is told of no more than whoever creates it may read.
  ...(
    [
      ['customers:read', '["customer.*"]'],
      ['conversations:read', '["customer.*", "message.created"]'],
      ['audit:read', '["*"]'],
    ] as const
  ).map(
    ([scope, types]): Forbidden => [
      scope,
      ['createWebhookEndpoint'],
      () =>
        `mutation { createWebhookEndpoint(input: { url: "https://hooks.example/", eventTypes: ${types} }) { secret } }`,
    ],
  ),
];

describe('a key without', () => {
  test.each(forbidden)('%s is refused at %j, by the name of the scope', async (scope, path, document) => {
    const events = await newEvents(testApp, story.desk, async () => {
      for (let run = 1; run <= 3; run += 1) {
        const { errors } = await ask(testApp, without[scope], document(story));
        expect(errors).toMatchObject([
          {
            message: `This key lacks the scope ${scope}.`,
            path,
            extensions: { code: 'FORBIDDEN', requiredScope: scope },
          },
        ]);
      }
    });
    expect(events).toEqual([]);
  });
});

test('a key without any scope still learns who it is and who works here', async () => {
  const bare = await story.desk.withScopes();
  const { data } = await ask(
    testApp,
    bare,
    '{ viewer { kind scopes agent { id } } workspace { name } agents { totalCount } channels { totalCount } }',
  );
  expect(data).toEqual({
    viewer: { kind: 'API_USER', scopes: [], agent: null },
    workspace: { name: 'Support' },
    agents: { totalCount: 3 },
    channels: { totalCount: 1 },
  });
});

test('what may be read comes beside what may not', async () => {
  const { data, errors } = await ask(
    testApp,
    without['customers:read'],
    '{ customer(id: "ctc_1") { id } viewer { kind } }',
  );
  expect(data).toEqual({ customer: null, viewer: { kind: 'API_USER' } });
  expect(errors).toHaveLength(1);
});

test.each([
  ['no key', undefined],
  ['something that is no key', 'nonsense'],
  ['a key that nobody has', 'ts_sk_live_0000000000000000000000000000000000AAAA'],
])('%s is a 401 with nothing else in it', async (_what, key) => {
  const { status, headers, body } = await post(testApp.app, '{ viewer { kind } }', {}, key);
  expect({ status, challenge: headers.get('www-authenticate') }).toEqual({ status: 401, challenge: 'Bearer' });
  expect(body).toEqual({ errors: [{ message: expect.any(String), extensions: { code: 'UNAUTHENTICATED' } }] });
});
