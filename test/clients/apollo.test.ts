import { ApolloClient, CombinedGraphQLErrors, HttpLink, InMemoryCache } from '@apollo/client';
import { relayStylePagination } from '@apollo/client/utilities';
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import type { ClientInboxQuery } from '../generated/graphql.js';
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

/** Apollo Client as a front end sets it up. */
function connect(key: string) {
  const { fetch, statuses } = recordingFetch();
  const client = new ApolloClient({
    link: new HttpLink({ uri: server.endpoint, headers: { authorization: `Bearer ${key}` }, fetch }),
    cache: new InMemoryCache({
      typePolicies: { Query: { fields: { conversations: relayStylePagination(['filter', 'orderBy']) } } },
    }),
  });
  return { client, statuses };
}

/** For what comes at once, save on a machine that has other things to do. */
const patience = { timeout: 120_000 };

type Conversations = ClientInboxQuery['conversations'];

const idsOf = ({ edges }: Conversations) => edges.map(({ node }) => node.databaseId);

/** The inbox as a component sees it: what the client last told it, without asking. */
async function watchInbox(client: ApolloClient, variables: { first: number } | { last: number }) {
  const query = client.watchQuery({ query: Inbox, variables });
  let last: Conversations | undefined;
  const subscription = query.subscribe((result) => {
    if (result.dataState === 'complete') last = result.data.conversations;
  });
  const shown = (): Conversations => {
    if (!last) throw new Error('The inbox is not there yet.');
    return last;
  };
  await vi.waitFor(shown, patience);
  const more = async (variables: { after: string | null } | { before: string | null }): Promise<void> => {
    const known = shown().edges.length;
    await query.fetchMore({ variables });
    // A page shows a moment after it is there, unless the next one is asked for already.
    await vi.waitFor(() => expect(shown().edges.length).toBeGreaterThan(known), patience);
  };
  return { shown, more, stop: () => subscription.unsubscribe() };
}

describe('Apollo Client', () => {
  let story: InboxStory;

  beforeAll(async () => {
    story = await seedInbox(server, 60);
  });

  test('pages forwards through the whole inbox', async () => {
    const { client, statuses } = connect(story.key);
    const inbox = await watchInbox(client, { first: 25 });
    while (inbox.shown().pageInfo.hasNextPage) await inbox.more({ after: inbox.shown().pageInfo.endCursor });
    expect(idsOf(inbox.shown())).toEqual(story.latestFirst);
    expect(statuses).toEqual([200, 200, 200]);
    inbox.stop();
  });

  test('pages backwards through the whole inbox', async () => {
    const { client, statuses } = connect(story.key);
    const inbox = await watchInbox(client, { last: 25 });
    while (inbox.shown().pageInfo.hasPreviousPage) await inbox.more({ before: inbox.shown().pageInfo.startCursor });
    expect(idsOf(inbox.shown())).toEqual(story.latestFirst);
    expect(statuses).toEqual([200, 200, 200]);
    inbox.stop();
  });

  test('takes an address that is none as data, with its place', async () => {
    const { client } = connect(story.key);
    const { data } = await client.mutate({ mutation: UpsertCustomer, variables: { input: { email: 'nobody' } } });
    expect(data?.upsertCustomer.customer).toBeNull();
    expect(data?.upsertCustomer.userErrors).toMatchObject([{ code: 'BAD_USER_INPUT', path: ['input', 'email'] }]);
  });

  test('rejects with UNAUTHENTICATED when the key is wrong', async () => {
    const { client, statuses } = connect('ts_sk_live_wrong');
    const error: unknown = await client.query({ query: Inbox }).catch((reason: unknown) => reason);
    expect(statuses).toEqual([401]);
    expect(CombinedGraphQLErrors.is(error) && error.errors[0]?.extensions).toEqual({
      code: 'UNAUTHENTICATED',
      requestId: expect.any(String),
    });
  });
});

describe('the inbox that Apollo Client watches is up to date after', () => {
  let story: InboxStory;
  let client: ApolloClient;
  let statuses: number[];
  let inbox: Awaited<ReturnType<typeof watchInbox>>;

  beforeEach(async () => {
    story = await seedInbox(server, 6);
    ({ client, statuses } = connect(story.key));
    inbox = await watchInbox(client, { first: 10 });
    return () => {
      // The page and the mutation: nothing was fetched again.
      expect(statuses).toEqual([200, 200]);
      inbox.stop();
    };
  });

  const latest = () => inbox.shown().edges[0]?.node;
  const latestId = () => latest()?.id ?? '';

  test('setConversationStatus', async () => {
    const input = { id: latestId(), status: 'CLOSED' } as const;
    await client.mutate({ mutation: SetConversationStatus, variables: { input } });
    await expect.poll(latest).toMatchObject({ databaseId: story.latestFirst[0], status: 'CLOSED' });
  });

  test('assignConversation', async () => {
    const input = { id: latestId(), assigneeId: story.agentId };
    await client.mutate({ mutation: AssignConversation, variables: { input } });
    await expect.poll(() => latest()?.assignee?.name).toBe('Ada Moreno');
  });

  test('markConversationRead', async () => {
    expect(latest()).toMatchObject({ isUnread: true, unreadCount: 1 });
    await client.mutate({ mutation: MarkConversationRead, variables: { input: { id: latestId() } } });
    await expect.poll(latest).toMatchObject({ isUnread: false, unreadCount: 0 });
  });

  test('addMessage, which nobody else got ahead of', async () => {
    const ifVersion = latest()?.version ?? 0;
    const input = { conversationId: latestId(), text: 'One more thing.', direction: 'INBOUND', ifVersion } as const;
    await client.mutate({ mutation: AddMessage, variables: { input } });
    await expect
      .poll(latest)
      .toMatchObject({ lastMessagePreview: 'One more thing.', unreadCount: 2, version: ifVersion + 1 });
  });

  test('upsertCustomer', async () => {
    const input = { id: latest()?.contact.id ?? '', name: 'Jane Roe' };
    await client.mutate({ mutation: UpsertCustomer, variables: { input } });
    await expect.poll(() => latest()?.contact.name).toBe('Jane Roe');
  });

  test('createContact, which answers the contact that is there, as it is by now', async () => {
    await story.renameJane('Jane Renamed');
    const input = { email: 'jane@example.com' };
    const { data } = await client.mutate({ mutation: CreateContact, variables: { input } });
    expect(data?.createContact.result).toBe('UNCHANGED');
    await expect.poll(() => latest()?.contact.name).toBe('Jane Renamed');
  });

  test('startConversation, once the page tells the cache where it belongs', async () => {
    await client.mutate({
      mutation: StartConversation,
      variables: { input: { email: 'new@example.com', text: 'Hello there.' } },
      update(cache, { data }) {
        const node = data?.startConversation.conversation;
        if (!node) return;
        cache.updateQuery({ query: Inbox }, (page) => {
          if (!page) return undefined;
          const edge = { __typename: 'ConversationEdge' as const, cursor: '', node };
          return { conversations: { ...page.conversations, edges: [edge, ...page.conversations.edges] } };
        });
      },
    });
    await expect.poll(() => latest()?.lastMessagePreview).toBe('Hello there.');
    expect(idsOf(inbox.shown()).slice(1)).toEqual(story.latestFirst);
  });
});
