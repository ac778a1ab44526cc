import { readFileSync } from 'node:fs';
import { Client, fetchExchange } from '@urql/core';
import { cacheExchange } from '@urql/exchange-graphcache';
import { relayPagination } from '@urql/exchange-graphcache/extras';
import { buildSchema, introspectionFromSchema } from 'graphql';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { ClientInboxQuery, ClientStartConversationMutation } from '../generated/graphql.js';
import { startTestServer, type TestServer } from '../kit/http.js';
import { type InboxStory, recordingFetch, seedInbox } from './inbox.js';
import {
  AddMessage,
  AssignConversation,
  CreateContact,
  Inbox,
  MarkConversationRead,
  SetConversationStatus,
  StartConversation,
  UpsertCustomer,
} from './operations.js';

let server: TestServer;

beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server.close());

const schema = introspectionFromSchema(buildSchema(readFileSync('schema.graphql', 'utf8')));

/** urql with its normalised cache, as a front end sets it up. */
function connect(key: string) {
  const { fetch, statuses } = recordingFetch();
  const warnings: string[] = [];
  const client = new Client({
    url: server.endpoint,
    fetch,
    fetchOptions: { headers: { authorization: `Bearer ${key}` } },
    exchanges: [
      cacheExchange({
        schema,
        // What has no id belongs to the object that it was read with.
        keys: { MessageAuthor: () => null, Money: () => null, UserError: () => null, Viewer: () => null },
        resolvers: { Query: { conversations: relayPagination() } },
        updates: {
          Mutation: {
            startConversation({ startConversation }: ClientStartConversationMutation, _args, cache) {
              const node = startConversation.conversation;
              if (!node) return;
              cache.updateQuery({ query: Inbox, variables: { first: 10 } }, (page) => {
                const edge = { __typename: 'ConversationEdge' as const, cursor: '', node };
                return page && { conversations: { ...page.conversations, edges: [edge, ...page.conversations.edges] } };
              });
            },
          },
        },
        logger(severity, message) {
          if (severity !== 'debug') warnings.push(message);
        },
      }),
      fetchExchange,
    ],
  });
  return { client, statuses, warnings };
}

type Conversations = ClientInboxQuery['conversations'];

const idsOf = ({ edges }: Conversations) => edges.map(({ node }) => node.databaseId);

describe('urql', () => {
  let story: InboxStory;

  beforeAll(async () => {
    story = await seedInbox(server, 60);
  });

  async function readInbox(client: Client, variables: Parameters<typeof client.query>[1]): Promise<Conversations> {
    const { data, error } = await client.query(Inbox, variables ?? {});
    if (!data) throw error ?? new Error('There is no inbox.');
    return data.conversations;
  }

  test('pages forwards through the whole inbox', async () => {
    const { client, statuses, warnings } = connect(story.key);
    let shown = await readInbox(client, { first: 25 });
    while (shown.pageInfo.hasNextPage) shown = await readInbox(client, { first: 25, after: shown.pageInfo.endCursor });
    expect(idsOf(shown)).toEqual(story.latestFirst);
    expect({ statuses, warnings }).toEqual({ statuses: [200, 200, 200], warnings: [] });
  });

  test('pages backwards through the whole inbox', async () => {
    const { client, statuses, warnings } = connect(story.key);
    let shown = await readInbox(client, { last: 25 });
    while (shown.pageInfo.hasPreviousPage) {
      shown = await readInbox(client, { last: 25, before: shown.pageInfo.startCursor });
    }
    expect(idsOf(shown)).toEqual(story.latestFirst);
    expect({ statuses, warnings }).toEqual({ statuses: [200, 200, 200], warnings: [] });
  });

  test('takes an address that is none as data, with its place', async () => {
    const { client } = connect(story.key);
    const { data, error } = await client.mutation(UpsertCustomer, { input: { email: 'nobody' } });
    expect(error).toBeUndefined();
    expect(data?.upsertCustomer.customer).toBeNull();
    expect(data?.upsertCustomer.userErrors).toMatchObject([{ code: 'BAD_USER_INPUT', path: ['input', 'email'] }]);
  });

  test('tells UNAUTHENTICATED when the key is wrong', async () => {
    const { client, statuses } = connect('ts_sk_live_wrong');
    const { data, error } = await client.query(Inbox, {});
    expect(data).toBeUndefined();
    expect(statuses).toEqual([401]);
    expect(error?.response?.status).toBe(401);
    expect(error?.graphQLErrors[0]?.extensions).toEqual({ code: 'UNAUTHENTICATED', requestId: expect.any(String) });
  });
});

describe('the inbox that urql watches is up to date after', () => {
  let story: InboxStory;
  let client: Client;
  let shown: Conversations | undefined;

  beforeEach(async () => {
    story = await seedInbox(server, 6);
    const { statuses, warnings, ...connection } = connect(story.key);
    client = connection.client;
    shown = undefined;
    const { unsubscribe } = client.query(Inbox, { first: 10 }).subscribe(({ data }) => {
      shown = data?.conversations;
    });
    await expect.poll(() => shown && idsOf(shown)).toEqual(story.latestFirst);
    return () => {
      // The page and the mutation: nothing was fetched again.
      expect({ statuses, warnings }).toEqual({ statuses: [200, 200], warnings: [] });
      unsubscribe();
    };
  });

  const latest = () => shown?.edges[0]?.node;
  const latestId = () => latest()?.id ?? '';

  test('setConversationStatus', async () => {
    await client.mutation(SetConversationStatus, { input: { id: latestId(), status: 'CLOSED' } });
    expect(latest()).toMatchObject({ databaseId: story.latestFirst[0], status: 'CLOSED' });
  });

  test('assignConversation', async () => {
    await client.mutation(AssignConversation, { input: { id: latestId(), assigneeId: story.agentId } });
    expect(latest()?.assignee?.name).toBe('Ada Moreno');
  });

  test('markConversationRead', async () => {
    expect(latest()).toMatchObject({ isUnread: true, unreadCount: 1 });
    await client.mutation(MarkConversationRead, { input: { id: latestId() } });
    expect(latest()).toMatchObject({ isUnread: false, unreadCount: 0 });
  });

  test('addMessage, which nobody else got ahead of', async () => {
    const ifVersion = latest()?.version ?? 0;
    const input = { conversationId: latestId(), text: 'One more thing.', direction: 'INBOUND', ifVersion } as const;
    await client.mutation(AddMessage, { input });
    expect(latest()).toMatchObject({ lastMessagePreview: 'One more thing.', unreadCount: 2, version: ifVersion + 1 });
  });

  test('upsertCustomer', async () => {
    await client.mutation(UpsertCustomer, { input: { id: latest()?.contact.id ?? '', name: 'Jane Roe' } });
    expect(latest()?.contact.name).toBe('Jane Roe');
  });

  test('createContact, which answers the contact that is there, as it is by now', async () => {
    await story.renameJane('Jane Renamed');
    const { data } = await client.mutation(CreateContact, { input: { email: 'jane@example.com' } });
    expect(data?.createContact.result).toBe('UNCHANGED');
    expect(latest()?.contact.name).toBe('Jane Renamed');
  });

  test('startConversation, once an update tells the cache where it belongs', async () => {
    await client.mutation(StartConversation, { input: { email: 'new@example.com', text: 'Hello there.' } });
    expect(latest()?.lastMessagePreview).toBe('Hello there.');
    expect(shown && idsOf(shown).slice(1)).toEqual(story.latestFirst);
  });
});
