import { parse } from 'graphql';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { graphql } from '../../generated/gql.js';
import { addMessage, assignConversation, setConversationStatus } from '../../graphql/mutations.js';
import { type Subscribed, subscribe, transports } from '../../kit/followers.js';
import { startTestServer, type TestServer } from '../../kit/http.js';
import { type Story, tellStory } from '../../kit/story.js';
import { deleteCustomer, updateCustomer } from '../customer/customer-mutations.js';
import { changes } from './changes.js';

let server: TestServer;
let story: Story;

beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server.close());
beforeEach(async () => {
  story = await tellStory(server);
});

const withoutField = parse(`
  subscription { ...Root }
  fragment Root on Subscription { changes @skip(if: true) { seq } }
`) as typeof changes;

const conversationChanged = graphql(`
  subscription ConversationChanged($after: BigInt, $filter: ConversationFilter) {
    conversationChanged(after: $after, filter: $filter) {
      type
      conversationId
      matches
      conversation { status unreadCount lastMessagePreview assignee { name } }
    }
  }
`);

const messageAdded = graphql(`
  subscription MessageAdded($conversationId: ID!, $after: BigInt) {
    messageAdded(conversationId: $conversationId, after: $after) {
      message { text direction isInternal conversation { messages(first: 1) { totalCount } } }
    }
  }
`);

const customerChanged = graphql(`
  subscription CustomerChanged($after: BigInt, $filter: CustomerFilter) {
    customerChanged(after: $after, filter: $filter) { type entityId matches customer { name tags } before after }
  }
`);

describe.each(transports)('over %s', (transport) => {
  const open: Subscribed<unknown>[] = [];
  const follow: typeof subscribe = (options, document, variables) => {
    const subscribed = subscribe(options, document, variables);
    open.push(subscribed as Subscribed<unknown>);
    return subscribed;
  };
  const desk = () => ({ endpoint: server.endpoint, key: story.desk.key, transport });
  const say = (text: string) =>
    story.desk.run(addMessage, { input: { conversationId: story.billing.id, text, direction: 'INBOUND' } });

  beforeEach(() => {
    for (const subscribed of open.splice(0)) subscribed.leave();
  });

  test('changes tells the outbox from the beginning, then what comes', async () => {
    const following = follow(desk(), changes, { after: '0' });
    const before = await server.database.prisma.domainEvent.count({ where: { workspaceId: story.desk.workspaceId } });
    await following.until(before);
    await say('And another thing');
    const told = (await following.until(before + 1)).map((data) => data.changes);
    expect(told.map(({ type }) => type).slice(0, 3)).toEqual(['workspace.created', 'api_key.created', 'agent.created']);
    expect(told.at(-1)).toMatchObject({
      type: 'message.created',
      actor: { kind: 'API_KEY' },
      after: { preview: 'And another thing' },
      entity: { __typename: 'Message' },
    });
    const places = told.map(({ seq }) => BigInt(seq));
    expect(places).toEqual([...places].sort((one, other) => Number(one - other)));
  });

  test('changes goes on after the seq that was told last', async () => {
    const first = follow(desk(), changes, { after: '0', types: ['message.created'] });
    await first.until(1);
    first.leave();
    const seq = first.told.at(-1)?.changes.seq;
    await say('One');
    const second = follow(desk(), changes, { after: seq, types: ['message.created'] });
    await second.until(1);
    await say('Two');
    expect((await second.until(2)).map((data) => data.changes.after?.preview)).toEqual(['One', 'Two']);
  });

  test('a conversation is told with its state, while it meets the filter and when it ceases to', async () => {
    const following = follow(desk(), conversationChanged, { after: '0', filter: { status: { eq: 'OPEN' } } });
    await following.until(2);
    await story.desk.run(assignConversation, { input: { id: story.billing.id, assigneeId: story.ada.id } });
    expect((await following.until(3)).at(-1)?.conversationChanged).toEqual({
      type: 'conversation.assigned',
      conversationId: story.billing.id,
      matches: true,
      conversation: {
        status: 'OPEN',
        unreadCount: 1,
        lastMessagePreview: 'Why twelve seats?',
        assignee: { name: 'Ada' },
      },
    });
    await story.desk.run(setConversationStatus, { input: { id: story.billing.id, status: 'CLOSED' } });
    expect((await following.until(4)).at(-1)?.conversationChanged).toMatchObject({
      type: 'conversation.status_changed',
      matches: false,
      conversation: { status: 'CLOSED' },
    });
  });

  test('a conversation that does not meet the filter is not told', async () => {
    const { conversation: bens } = await server.services.conversations.start(story.desk.operator, {
      contactId: story.omar.id,
      text: 'Hello',
      assigneeId: story.ben.id,
    });
    const following = follow(desk(), conversationChanged, { after: '0', filter: { assigneeId: { eq: story.ben.id } } });
    await following.until(2);
    await say('Is anybody there?');
    await story.desk.run(assignConversation, { input: { id: story.billing.id, assigneeId: story.ada.id } });
    await story.desk.run(addMessage, { input: { conversationId: bens.id, text: 'Still there?' } });
    // This one came last, so the others were passed over.
    const passed = (await following.until(3)).map((data) => data.conversationChanged.conversationId);
    expect(passed).toEqual([bens.id, bens.id, bens.id]);
    await story.desk.run(assignConversation, { input: { id: story.billing.id, assigneeId: story.ben.id } });
    await following.until(4);
    await story.desk.run(assignConversation, { input: { id: story.billing.id, assigneeId: null } });
    const told = (await following.until(5)).map((data) => data.conversationChanged);
    expect(told.slice(3)).toMatchObject([
      { type: 'conversation.assigned', matches: true, conversation: { assignee: { name: 'Ben' } } },
      { type: 'conversation.assigned', matches: false, conversation: { assignee: null } },
    ]);
  });

  test('messageAdded tells the messages and notes of one conversation', async () => {
    const { id: conversationId } = story.billing;
    const following = follow(desk(), messageAdded, { conversationId, after: '0' });
    await following.until(1);
    await say('Hello');
    await story.desk.run(addMessage, { input: { conversationId, text: 'A note', isInternal: true } });
    const messages = (await following.until(3)).map((data) => data.messageAdded.message);
    expect(messages).toMatchObject([
      { text: 'Why twelve seats?', direction: 'INBOUND', isInternal: false },
      { text: 'Hello', direction: 'INBOUND', isInternal: false },
      { text: 'A note', direction: 'OUTBOUND', isInternal: true },
    ]);
  });

  test('customers are told, also that they are gone', async () => {
    const following = follow(desk(), customerChanged, { after: '0', filter: { tags: { hasAll: ['vip'] } } });
    await following.until(1);
    await story.desk.run(updateCustomer, { input: { id: story.jane.id, tags: ['former'] } });
    await following.until(2);
    await story.desk.run(deleteCustomer, { input: { id: story.jane.id, mode: 'SCRUB' } });
    const told = (await following.until(3)).map((data) => data.customerChanged);
    expect(told).toMatchObject([
      { type: 'customer.created', matches: true, customer: { name: 'Jane Doe' } },
      { type: 'customer.updated', matches: false, before: { tags: ['vip'] }, after: { tags: ['former'] } },
      { type: 'customer.deleted', matches: false, customer: null },
    ]);
  });

  test('a revoked key is cut off, with a coded reason', async () => {
    const { key, id } = await server.services.apiKeys.create({ workspaceId: story.desk.workspaceId, kind: 'API_USER' });
    const following = follow({ ...desk(), key }, changes, { after: '0' });
    await following.until(1);
    await server.services.apiKeys.revoke(story.desk.workspaceId, id);
    const end = await following.ended;
    if (transport === 'SSE') expect(following.failed.at(-1)?.errors?.[0]?.extensions?.code).toBe('UNAUTHENTICATED');
    else expect(end).toMatchObject({ code: 4403, reason: 'This API key is not valid any more.' });
  });

  test('a key that is none is refused', async () => {
    const following = follow({ ...desk(), key: 'nonsense' }, changes, {});
    const end = await following.ended;
    if (transport === 'SSE') expect(end).toMatchObject({ response: { status: 401 } });
    else expect(end).toMatchObject({ code: 4403 });
  });

  test('what a key may not read it is not told', async () => {
    const clerk = await story.desk.withScopes('customers:read');
    const following = follow({ ...desk(), key: clerk.key }, changes, { after: '0' });
    await say('Private');
    await story.desk.run(updateCustomer, { input: { id: story.omar.id, notes: 'Seen' } });
    await expect.poll(() => following.told.at(-1)?.changes.type).toBe('customer.updated');
    const subjects = new Set(following.told.map(({ changes: { type } }) => type.split('.')[0]));
    expect([...subjects].sort()).toEqual(['agent', 'channel', 'customer']);
    const refused = follow({ ...desk(), key: clerk.key }, conversationChanged, {});
    await refused.ended;
    expect(refused.failed[0]?.errors?.[0]?.extensions).toMatchObject({
      code: 'FORBIDDEN',
      requiredScope: 'conversations:read',
    });
  });

  test('another workspace is not heard', async () => {
    const other = await tellStory(server, 'Other');
    const following = follow(desk(), changes, { after: '0', types: ['conversation.assigned', 'customer.updated'] });
    await other.desk.run(assignConversation, { input: { id: other.billing.id, assigneeId: other.ada.id } });
    await story.desk.run(updateCustomer, { input: { id: story.omar.id, notes: 'Mine' } });
    await following.until(1);
    expect(following.told.map(({ changes: { entityId } }) => entityId)).toEqual([story.omar.id]);
    const { id: conversationId } = other.billing;
    const foreign = follow(desk(), messageAdded, { conversationId });
    await foreign.ended;
    expect(foreign.failed[0]?.errors?.[0]).toMatchObject({
      message: 'Conversation not found.',
      extensions: { code: 'NOT_FOUND', argument: 'conversationId' },
    });
  });

  test('a subscription without its field is refused', async () => {
    const following = follow(desk(), withoutField, {});
    const end = await following.ended;
    const refused = [{ extensions: { code: 'GRAPHQL_VALIDATION_FAILED' } }];
    expect(transport === 'SSE' ? following.failed[0]?.errors : end).toMatchObject(refused);
  });

  test.each([
    ['a seq that nothing has yet', { after: '99999999999999' }, 'after'],
    ['a filter that nests too deeply', { filter: nested(6) }, 'filter.not.not.not.not.not'],
  ])('%s is refused', async (_what, variables, argument) => {
    const following = follow(desk(), conversationChanged, variables);
    await following.ended;
    expect(following.failed[0]?.errors?.[0]?.extensions).toMatchObject({ code: 'BAD_USER_INPUT', argument });
  });

  test.each([
    ['a type of change that is none', ['message.created', 'message.create'], 'types.1'],
    ['no type at all', [], 'types'],
  ])('%s is refused', async (_what, types, argument) => {
    const following = follow(desk(), changes, { types });
    await following.ended;
    expect(following.failed[0]?.errors?.[0]?.extensions).toMatchObject({ code: 'BAD_USER_INPUT', argument });
  });
});

type Filter = { not?: Filter };
const nested = (depth: number): Filter => (depth === 0 ? {} : { not: nested(depth - 1) });
