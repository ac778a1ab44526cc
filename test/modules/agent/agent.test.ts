import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { authentication } from '../../../src/auth/authentication.js';
import { graphql } from '../../generated/gql.js';
import {
  addMessage,
  createAgent,
  deactivateAgent,
  reactivateAgent,
  setConversationStatus,
  setConversationsStatus,
  updateAgent,
} from '../../graphql/mutations.js';
import { openTestApp, post, type TestApp } from '../../kit/app.js';
import { newEvents } from '../../kit/records.js';
import { type Story, tellStory } from '../../kit/story.js';

let testApp: TestApp;
let story: Story;

beforeAll(async () => {
  testApp = await openTestApp();
});
beforeEach(async () => {
  story = await tellStory(testApp);
});
afterAll(() => testApp.close());

const getAgent = graphql(`
  query DeskGetAgent($id: ID!) {
    agent(id: $id) { ...DeskAgent assignedConversations { nodes { databaseId status } } }
  }
`);

const create = async (input: { name: string; email: string; avatarUrl?: string }) =>
  (await story.desk.run(createAgent, { input })).createAgent;
const update = async (input: object) =>
  (await story.desk.run(updateAgent, { input: { id: story.ada.id, ...input } })).updateAgent;
const deactivate = async (input: object = {}) =>
  (await story.desk.run(deactivateAgent, { input: { id: story.ada.id, ...input } })).deactivateAgent;
const reactivate = async (input: object = {}) =>
  (await story.desk.run(reactivateAgent, { input: { id: story.ada.id, ...input } })).reactivateAgent;

/** A conversation of Ada's. */
async function adasConversation(status: 'OPEN' | 'CLOSED' | 'ARCHIVED' = 'OPEN'): Promise<string> {
  const { conversations } = testApp.services;
  const { operator } = story.desk;
  const input = { contactId: story.omar.id, text: 'Hi', direction: 'INBOUND', assigneeId: story.ada.id } as const;
  const { conversation } = await conversations.start(operator, input);
  if (status !== 'OPEN') await conversations.setStatus(operator, { id: conversation.id, status });
  return conversation.id;
}

const assigneeOf = async (id: string): Promise<string | null | undefined> => {
  const where = { workspaceId_id: { workspaceId: story.desk.workspaceId, id } };
  return (await testApp.database.prisma.conversation.findUnique({ where }))?.assigneeId;
};

describe('agent(id)', () => {
  test('shows one agent, and null when there is none', async () => {
    const { agent } = await story.desk.run(getAgent, { id: story.ada.id });
    expect(agent).toMatchObject({ databaseId: story.ada.id, name: 'Ada', isActive: true, version: 1, updatedAt: null });
    expect(await story.desk.run(getAgent, { id: 'agt_none' })).toEqual({ agent: null });
  });
});

describe('createAgent', () => {
  test('adds an agent to whom conversations can be assigned, and tells of it', async () => {
    const events = await newEvents(testApp, story.desk, async () => {
      expect(await create({ name: ' Dora ', email: 'dora@desk.test', avatarUrl: 'https://a.test/d.png' })).toEqual({
        agent: {
          databaseId: expect.stringMatching(/^agt_/),
          name: 'Dora',
          email: 'dora@desk.test',
          avatarUrl: 'https://a.test/d.png',
          isActive: true,
          version: 1,
          updatedAt: null,
        },
        userErrors: [],
      });
    });
    expect(events).toMatchObject([
      { type: 'agent.created', data: { after: { name: 'Dora', email: 'dora@desk.test' } } },
    ]);
  });

  test('sent twice names the agent who has the address, whatever its case', async () => {
    const { agent } = await create({ name: 'Dora', email: 'dora@desk.test' });
    const events = await newEvents(testApp, story.desk, async () => {
      expect(await create({ name: 'Dora', email: 'DORA@desk.test' })).toMatchObject({
        agent: null,
        userErrors: [{ code: 'CONFLICT', path: ['input', 'email'], conflictingId: agent?.databaseId }],
      });
    });
    expect(events).toEqual([]);
  });
});

describe('updateAgent', () => {
  test('changes what is given and tells of what changed, once', async () => {
    const events = await newEvents(testApp, story.desk, async () => {
      expect(await update({ name: 'Ada M.', avatarUrl: 'https://a.test/a.png', email: 'ada@desk.test' })).toMatchObject(
        {
          result: 'UPDATED',
          agent: { name: 'Ada M.', email: 'ada@desk.test', version: 2, updatedAt: expect.any(String) },
        },
      );
      expect(await update({ name: 'Ada M.' })).toMatchObject({ result: 'UNCHANGED', agent: { version: 2 } });
      expect(await update({ avatarUrl: null })).toMatchObject({ result: 'UPDATED', agent: { avatarUrl: null } });
    });
    expect(events.map(({ type, entityId, data }) => [type, entityId, data])).toEqual([
      [
        'agent.updated',
        story.ada.id,
        {
          before: { name: 'Ada', avatarUrl: null },
          after: { name: 'Ada M.', avatarUrl: 'https://a.test/a.png' },
        },
      ],
      ['agent.updated', story.ada.id, { before: { avatarUrl: 'https://a.test/a.png' }, after: { avatarUrl: null } }],
    ]);
  });

  test('refuses an address that a colleague has, and a version that is not current', async () => {
    expect(await update({ email: 'BEN@desk.test' })).toMatchObject({
      agent: null,
      result: null,
      userErrors: [{ code: 'CONFLICT', path: ['input', 'email'], conflictingId: story.ben.id, retryable: false }],
    });
    await update({ name: 'A.', ifVersion: 1 });
    expect(await update({ name: 'B.', ifVersion: 1 })).toMatchObject({
      userErrors: [{ code: 'CONFLICT', path: ['input', 'ifVersion'], conflictingId: story.ada.id, retryable: true }],
    });
  });
});

describe('deactivateAgent', () => {
  test('leaves the open conversations to nobody, keeps the others, and tells of each', async () => {
    const open = [await adasConversation(), await adasConversation()].sort();
    const closed = await adasConversation('CLOSED');
    const archived = await adasConversation('ARCHIVED');
    const events = await newEvents(testApp, story.desk, async () => {
      expect(await deactivate({ ifVersion: 1 })).toMatchObject({
        result: 'UPDATED',
        movedConversations: 2,
        agent: { isActive: false, version: 2 },
        userErrors: [],
      });
    });
    expect(await Promise.all([...open, closed, archived].map(assigneeOf))).toEqual([
      null,
      null,
      story.ada.id,
      story.ada.id,
    ]);
    expect(events.map(({ type, entityId, data }) => [type, entityId, data])).toEqual([
      ...open.map((id) => [
        'conversation.assigned',
        id,
        { before: { assigneeId: story.ada.id }, after: { assigneeId: null } },
      ]),
      ['agent.deactivated', story.ada.id, { after: { reassignedToId: null, movedConversations: 2 } }],
    ]);
  });

  test('passes the open conversations to a colleague', async () => {
    const id = await adasConversation();
    expect(await deactivate({ reassignToId: story.ben.id })).toMatchObject({ movedConversations: 1 });
    expect(await assigneeOf(id)).toBe(story.ben.id);
  });

  test('sent twice writes and tells once', async () => {
    await deactivate();
    const events = await newEvents(testApp, story.desk, async () => {
      expect(await deactivate({ reassignToId: story.ben.id })).toMatchObject({
        result: 'UNCHANGED',
        movedConversations: 0,
        agent: { isActive: false, version: 2 },
      });
    });
    expect(events).toEqual([]);
  });

  test.each([
    ['who left', () => story.carl.id, 'NOT_FOUND', 'reassignToId'],
    ['who does not exist', () => 'agt_none', 'NOT_FOUND', 'reassignToId'],
    ['who is the same', () => story.ada.id, 'BAD_USER_INPUT', 'reassignToId'],
    ['who is none', () => story.jane.id, 'BAD_USER_INPUT', 'reassignToId'],
  ])('passes nothing to an agent %s', async (_who, reassignToId, code, field) => {
    const id = await adasConversation();
    expect(await deactivate({ reassignToId: reassignToId() })).toMatchObject({
      agent: null,
      movedConversations: null,
      userErrors: [{ code, path: ['input', field] }],
    });
    expect(await assigneeOf(id)).toBe(story.ada.id);
  });

  test('refuses another version', async () => {
    expect(await deactivate({ ifVersion: 7 })).toMatchObject({
      userErrors: [{ code: 'CONFLICT', path: ['input', 'ifVersion'], retryable: true }],
    });
  });

  test('ends the keys of the agent and no others, until the agent is back', async () => {
    const { workspaceId } = story.desk;
    const { key } = await testApp.services.apiKeys.create({ workspaceId, kind: 'USER', agentId: story.ada.id });
    const other = await testApp.services.apiKeys.create({ workspaceId, kind: 'USER', agentId: story.ben.id });
    const statusWith = async (one: string) => (await post(testApp.app, '{ viewer { kind } }', {}, one)).status;
    expect(await statusWith(key)).toBe(200);

    await deactivate();
    // Another gateway, which remembers nothing, refuses at once; this one as soon as it asks again.
    await expect(authentication(testApp.database).authenticate(key)).rejects.toMatchObject({
      code: 'UNAUTHENTICATED',
      message: 'The agent of this API key has been deactivated.',
    });
    await vi.waitFor(async () => expect(await statusWith(key)).toBe(401), { timeout: 120_000 });
    expect(await statusWith(other.key)).toBe(200);

    await reactivate();
    await vi.waitFor(async () => expect(await statusWith(key)).toBe(200), { timeout: 120_000 });
  });
});

describe('a conversation that opens again after its agent left', () => {
  const statusAndAssignee = async (id: string) =>
    (
      await newEvents(testApp, story.desk, async () => {
        const { addMessage: answer } = await story.desk.run(addMessage, {
          input: { conversationId: id, text: 'Me again', direction: 'INBOUND' },
        });
        expect(answer.conversation).toMatchObject({ status: 'OPEN', assignee: null });
      })
    ).map(({ type }) => type);

  test('by an inbound message has no assignee', async () => {
    const id = await adasConversation('CLOSED');
    await deactivate();
    expect((await statusAndAssignee(id)).sort()).toEqual([
      'conversation.assigned',
      'conversation.status_changed',
      'message.created',
    ]);
  });

  test('by its status has no assignee, alone and among many', async () => {
    const [first, second, bens] = [
      await adasConversation('CLOSED'),
      await adasConversation('ARCHIVED'),
      story.billing.id,
    ];
    const { conversations } = testApp.services;
    await conversations.assign(story.desk.operator, { id: bens, assigneeId: story.ben.id });
    await conversations.setStatus(story.desk.operator, { id: bens, status: 'CLOSED' });
    await deactivate();
    const { setConversationStatus: one } = await story.desk.run(setConversationStatus, {
      input: { id: first, status: 'OPEN' },
    });
    expect(one.conversation).toMatchObject({ status: 'OPEN', assignee: null });
    const { setConversationsStatus: many } = await story.desk.run(setConversationsStatus, {
      input: { ids: [second, bens], status: 'OPEN' },
    });
    expect(many.changedCount).toBe(2);
    expect(await Promise.all([second, bens].map(assigneeOf))).toEqual([null, story.ben.id]);
  });
});

describe('reactivateAgent', () => {
  test('lets the agent work again, and tells once', async () => {
    await deactivate();
    const events = await newEvents(testApp, story.desk, async () => {
      expect(await reactivate({ ifVersion: 2 })).toMatchObject({
        result: 'UPDATED',
        agent: { isActive: true, version: 3 },
      });
      expect(await reactivate()).toMatchObject({ result: 'UNCHANGED', agent: { isActive: true, version: 3 } });
    });
    expect(events).toMatchObject([{ type: 'agent.reactivated', entityId: story.ada.id }]);
    expect(await adasConversation()).toMatch(/^thd_/);
  });

  test('refuses agents who are not there, and other versions', async () => {
    expect((await reactivate({ id: 'agt_none' })).userErrors).toMatchObject([
      { code: 'NOT_FOUND', path: ['input', 'id'] },
    ]);
    expect((await reactivate({ ifVersion: 7 })).userErrors).toMatchObject([
      { code: 'CONFLICT', path: ['input', 'ifVersion'] },
    ]);
  });
});
