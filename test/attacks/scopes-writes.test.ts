import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { allScopes, type Scope } from '../../src/auth/scopes.js';
import { type Desk, openTestApp, type TestApp } from '../kit/app.js';
import { ask } from '../kit/ask.js';
import { type MarkedDesk, nounsIn, openMarkedDesk } from '../kit/marked-desk.js';
import { eventsOf } from '../kit/records.js';

/** Attacks of keys that read by writing: out of payloads, by changing nothing, by filters of what is to be changed. */

let server: TestApp;
let marked: MarkedDesk;

beforeAll(async () => {
  server = await openTestApp();
});
beforeEach(async () => {
  marked = await openMarkedDesk(server);
});
afterAll(() => server.close());

const forbidden = (requiredScope: Scope) => ({ extensions: { code: 'FORBIDDEN', requiredScope } });
const thief = (...scopes: Scope[]): Promise<Desk> => marked.desk.withScopes(...scopes);

type Attack = [what: string, needed: Scope, document: (marked: MarkedDesk) => string];

const person = 'notes phone externalId ltv { amountMinor }';

/** Ways out of what a write answers, with the scope of the write. */
const payloads: [scope: Scope, attacks: Attack[]][] = [
  [
    'conversations:write',
    [
      [
        'reads a person through the contact of a new conversation',
        'customers:read',
        ({ email }) =>
          `startConversation(input: { email: "${email}", text: "x" }) { contact { customer { ${person} } } }`,
      ],
      [
        'reads a person through a fragment',
        'customers:read',
        ({ email }) =>
          `startConversation(input: { email: "${email}", text: "x" }) { contact { databaseId ... on Contact { phone } } }`,
      ],
      [
        'reads a conversation by changing nothing of it',
        'conversations:read',
        ({ ids }) =>
          `updateConversation(input: { id: "${ids.thd}" }) { conversation { subject messages { nodes { text } } } }`,
      ],
      [
        'reads messages by marking them read',
        'conversations:read',
        ({ ids }) => `markConversationRead(input: { id: "${ids.thd}" }) { conversation { lastMessagePreview } }`,
      ],
      [
        'reads a person through the conversation of a note',
        'conversations:read',
        ({ ids }) =>
          `addMessage(input: { conversationId: "${ids.thd}", text: "x", isInternal: true }) { message { conversation { customer { notes } } } }`,
      ],
      [
        'reads what it hides behind another name',
        'conversations:read',
        ({ ids }) => `updateConversation(input: { id: "${ids.thd}" }) { conversation { databaseId: subject } }`,
      ],
      [
        'asks whether a conversation holds a word by changing those that do',
        'conversations:read',
        () =>
          'setConversationsStatus(input: { filter: { query: "zqconversationsubject" }, status: CLOSED }) { changedCount }',
      ],
      [
        'asks the same by assigning them',
        'conversations:read',
        ({ ids }) =>
          `assignConversations(input: { filter: { not: { subject: { eq: "a" } } }, assigneeId: "${ids.agt}" }) { changedIds }`,
      ],
    ],
  ],
  [
    'customers:write',
    [
      [
        'reads a customer by changing nothing of it',
        'customers:read',
        ({ ids }) => `updateCustomer(input: { id: "${ids.ctc}" }) { customer { ${person} } }`,
      ],
      [
        'reads a contact by creating it again',
        'customers:read',
        ({ email }) => `createContact(input: { email: "${email}" }) { contact { phone } }`,
      ],
      [
        'reads customers in bulk',
        'customers:read',
        ({ externalId }) =>
          `upsertCustomers(input: { customers: [{ externalId: "${externalId}" }], errorPolicy: PER_ITEM }) { results { customer { name } } }`,
      ],
      [
        'reads messages through a customer',
        'customers:read',
        ({ ids }) =>
          `addCustomerTags(input: { id: "${ids.ctc}", tags: ["x"] }) { customer { latestConversation { lastMessagePreview } } }`,
      ],
    ],
  ],
  [
    'links:create',
    [
      [
        'reads a tracked customer by creating it again',
        'links:read',
        ({ externalId }) => `upsertTrackedCustomer(input: { externalId: "${externalId}" }) { customer { name phone } }`,
      ],
      [
        'reads a click by recording it again',
        'links:read',
        ({ clickId }) => `recordClick(input: { clickId: "${clickId}" }) { click { url campaign { name } } }`,
      ],
      [
        'reads a purchase by recording it again',
        'analytics:read',
        ({ orderId }) =>
          `recordConversion(input: { class: SALE, orderId: "${orderId}", externalId: "x" }) { conversion { amount { amountMinor } } }`,
      ],
    ],
  ],
  [
    'links:update',
    [
      [
        'reads a lifetime value by computing it',
        'analytics:read',
        ({ ids }) => `recalculateCustomerLtv(input: { id: "${ids.ctc}" }) { after { amountMinor } }`,
      ],
      [
        'reads a person by computing its lifetime value',
        'customers:read',
        ({ ids }) => `recalculateCustomerLtv(input: { id: "${ids.ctc}" }) { customer { notes } }`,
      ],
      [
        'reads a link by changing nothing of it',
        'links:read',
        ({ ids }) => `updateLink(input: { id: "${ids.lnk}" }) { link { url } }`,
      ],
    ],
  ],
  [
    'webhooks:write',
    [
      [
        'reads an endpoint by testing it',
        'webhooks:read',
        ({ ids }) =>
          `sendTestWebhook(input: { endpointId: "${ids.whe}" }) { delivery { endpoint { url description } } }`,
      ],
      [
        'reads an endpoint by creating another',
        'webhooks:read',
        () =>
          'createWebhookEndpoint(input: { url: "https://a.example/", eventTypes: ["agent.*"] }) { endpoint { configuredBy { databaseId } } }',
      ],
    ],
  ],
];

describe.each(payloads)('a key with %s alone', (scope, attacks) => {
  test.each(attacks)('%s in vain: it needs %s, and nothing is written', async (_what, needed, documentOf) => {
    const key = await thief(scope);
    const before = await eventsOf(server, marked.desk);
    // As graphql-js runs it, while it is compiled, and compiled.
    for (let run = 1; run <= 3; run += 1) {
      const answer = await ask(server, key, `mutation { ${documentOf(marked)} }`);
      expect(answer).toMatchObject({ data: null, errors: [forbidden(needed)] });
      expect(nounsIn(JSON.stringify(answer))).toEqual([]);
    }
    expect(await eventsOf(server, marked.desk)).toEqual(before);
  });

  test.each(attacks)('and all others: %s in vain without %s', async (_what, needed, documentOf) => {
    const key = await thief(...allScopes.filter((one) => one !== needed));
    const { data, errors } = await ask(server, key, `mutation { ${documentOf(marked)} }`);
    expect(data ?? null).toBeNull();
    expect(errors).toMatchObject([forbidden(needed)]);
  });
});

test('a write tells a key that may not read what it did, with the ids', async () => {
  const key = await thief('conversations:write');
  const { data, errors } = await ask(
    server,
    key,
    `mutation ($email: String!) { startConversation(input: { email: $email, text: "x" }) {
      contact { ...ids } conversation { __typename id databaseId } message { databaseId } userErrors { code }
    } } fragment ids on Contact { id databaseId }`,
    { email: marked.email },
  );
  expect(errors).toBeUndefined();
  expect(data).toMatchObject({
    startConversation: { contact: { databaseId: marked.ids.ctc }, conversation: { __typename: 'Conversation' } },
  });
});

test('a field that a variable lets in or leaves out is refused either way', async () => {
  const key = await thief('conversations:write');
  const document = `mutation ($id: ID!, $show: Boolean!) {
    updateConversation(input: { id: $id }) { conversation { databaseId subject @include(if: $show) } }
  }`;
  for (const show of [false, true, false, true]) {
    const answer = await ask(server, key, document, { id: marked.ids.thd, show });
    expect(answer).toMatchObject({ data: null, errors: [forbidden('conversations:read')] });
  }
});
