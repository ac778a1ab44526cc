import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { newId } from '../../../src/db/ids.js';
import {
  addMessage,
  assignConversation,
  assignConversations,
  createAgent,
  createChannel,
  deactivateAgent,
  setConversationStatus,
  setConversationsStatus,
  snoozeConversation,
  startConversation,
  updateAgent,
  updateConversation,
} from '../../graphql/mutations.js';
import { openTestApp, type TestApp } from '../../kit/app.js';
import { eventsOf, expectKeptUp } from '../../kit/records.js';
import { type Story, tellStory } from '../../kit/story.js';

/** What many agents do at once to the same conversations and to each other. */

let testApp: TestApp;
let story: Story;

beforeAll(async () => {
  testApp = await openTestApp();
});
beforeEach(async () => {
  story = await tellStory(testApp);
});
afterAll(() => testApp.close());

const times = <T>(count: number, work: (place: number) => Promise<T>): Promise<T[]> =>
  Promise.all(Array.from({ length: count }, (_, place) => work(place)));

/** Conversations of Omar's without messages. */
async function omarsConversations(count: number, fields: { assigneeId?: string } = {}): Promise<string[]> {
  const ids = Array.from({ length: count }, () => newId('Conversation'));
  const { workspaceId } = story.desk;
  await testApp.database.prisma.conversation.createMany({
    data: ids.map((id) => ({ workspaceId, id, customerId: story.omar.id, source: 'CHAT' as const, ...fields })),
  });
  return ids;
}

const rowsNow = () => testApp.database.prisma.conversation.findMany({ where: { workspaceId: story.desk.workspaceId } });

/** Every change of status or assignee follows on the one before it, down to what the row says now. */
async function expectChainedEvents(): Promise<void> {
  const events = await eventsOf(testApp, story.desk);
  for (const row of await rowsNow()) {
    for (const field of ['status', 'assigneeId'] as const) {
      const steps = events.flatMap(({ entityId, type, data }) => {
        const { before, after } = data as { before?: Record<string, unknown>; after?: Record<string, unknown> };
        const isChange = type === 'conversation.status_changed' || type === 'conversation.assigned';
        return entityId === row.id && isChange && before && after && field in after
          ? [[before[field], after[field]]]
          : [];
      });
      for (const [place, [, after]] of steps.entries()) {
        expect(after).toBe(steps[place + 1]?.[0] ?? (place + 1 < steps.length ? null : row[field]));
      }
    }
  }
}

describe('one version', () => {
  test('of a conversation, an agent or a subject lets one of 50 through', async () => {
    const { desk, billing, ben } = story;
    const agents = await times(50, async (place) => {
      const input = { id: ben.id, name: `Ben ${place}`, ifVersion: 1 };
      return (await desk.run(updateAgent, { input })).updateAgent.result;
    });
    expect(agents.filter((result) => result === 'UPDATED')).toHaveLength(1);
    const changes = await times(50, async (place) => {
      const snooze = { id: billing.id, until: `2999-01-01T00:00:${10 + place}Z`, ifVersion: 1 };
      const subject = { id: billing.id, subject: `Subject ${place}`, ifVersion: 1 };
      return place % 2
        ? (await desk.run(snoozeConversation, { input: snooze })).snoozeConversation
        : (await desk.run(updateConversation, { input: subject })).updateConversation;
    });
    expect(changes.filter(({ result }) => result === 'UPDATED')).toHaveLength(1);
    expect(changes.flatMap(({ userErrors }) => userErrors.map(({ code, retryable }) => [code, retryable]))).toEqual(
      Array.from({ length: 49 }, () => ['CONFLICT', true]),
    );
  });
});

describe('createAgent and createChannel by many at once', () => {
  test('make one, and name it to the others', async () => {
    const { desk } = story;
    const agents = await times(20, async (place) => {
      const email = place % 2 ? 'dora@desk.test' : 'DORA@desk.test';
      return (await desk.run(createAgent, { input: { name: 'Dora', email } })).createAgent;
    });
    const dora = agents.flatMap(({ agent }) => (agent ? [agent.databaseId] : []));
    expect(dora).toHaveLength(1);
    expect(agents.flatMap(({ userErrors }) => userErrors.map(({ conflictingId }) => conflictingId))).toEqual(
      Array.from({ length: 19 }, () => dora[0]),
    );
    const channels = await times(20, async () => {
      return (await desk.run(createChannel, { input: { kind: 'CHAT', name: 'Chat' } })).createChannel;
    });
    const chat = channels.flatMap(({ channel }) => (channel ? [channel.databaseId] : []));
    expect(chat).toHaveLength(1);
    expect(channels.flatMap(({ userErrors }) => userErrors.map(({ conflictingId }) => conflictingId))).toEqual(
      Array.from({ length: 19 }, () => chat[0]),
    );
  });
});

describe('an agent who is deactivated', () => {
  test('ends up with no open conversation, whoever assigns, starts and opens some meanwhile', async () => {
    const { desk, ada, ben, jane } = story;
    const ids = await omarsConversations(20);
    const closed = await omarsConversations(20, { assigneeId: ada.id });
    await desk.run(setConversationsStatus, { input: { ids: closed, status: 'CLOSED' } });
    const works: ((place: number) => Promise<unknown>)[] = [
      (place) => desk.run(assignConversation, { input: { id: ids[place] ?? '', assigneeId: ada.id } }),
      (place) => desk.run(setConversationStatus, { input: { id: closed[place] ?? '', status: 'OPEN' } }),
      (place) =>
        desk.run(addMessage, { input: { conversationId: closed[place + 10] ?? '', text: 'Hi', direction: 'INBOUND' } }),
      () => desk.run(startConversation, { input: { contactId: jane.id, text: 'Hi', assigneeId: ada.id } }),
      (place) => desk.run(assignConversations, { input: { ids: ids.slice(10 + place), assigneeId: ada.id } }),
    ];
    const rounds = times(10, (place) => Promise.all(works.map((work) => work(place))));
    const [{ deactivateAgent: answer }] = await Promise.all([
      desk.run(deactivateAgent, { input: { id: ada.id, reassignToId: ben.id } }),
      rounds,
    ]);
    expect(answer.userErrors).toEqual([]);
    const left = (await rowsNow()).filter(({ status, assigneeId }) => status === 'OPEN' && assigneeId === ada.id);
    expect(left).toEqual([]);
    await expectChainedEvents();
  });

  test('and the colleague who is to inherit, both at once, leave nobody with conversations of the other', async () => {
    const { desk, ada, ben } = story;
    await omarsConversations(5, { assigneeId: ada.id });
    await omarsConversations(5, { assigneeId: ben.id });
    const answers = await Promise.all([
      desk.run(deactivateAgent, { input: { id: ada.id, reassignToId: ben.id } }),
      desk.run(deactivateAgent, { input: { id: ben.id, reassignToId: ada.id } }),
    ]);
    const errors = answers.flatMap(({ deactivateAgent: { userErrors } }) => userErrors);
    expect(errors).toMatchObject([{ code: 'NOT_FOUND', path: ['input', 'reassignToId'] }]);
    const holders = new Set((await rowsNow()).flatMap(({ assigneeId }) => assigneeId ?? []));
    expect(holders.size).toBe(1);
  });
});

describe('a change of many by a filter', () => {
  test('while others change the same ones leaves each as the last of them said, with one event per change', async () => {
    const { desk, ada, ben, omar } = story;
    const ids = await omarsConversations(120);
    const filter = { customerId: { eq: omar.id } };
    const answers = await Promise.all([
      ...Array.from({ length: 4 }, async (_, place) => {
        const input = { filter, status: place % 2 ? ('CLOSED' as const) : ('OPEN' as const) };
        return (await desk.run(setConversationsStatus, { input })).setConversationsStatus.userErrors;
      }),
      ...Array.from({ length: 4 }, async (_, place) => {
        const input = { filter, assigneeId: place % 2 ? ada.id : ben.id };
        return (await desk.run(assignConversations, { input })).assignConversations.userErrors;
      }),
      ...ids.slice(0, 20).map(async (id) => {
        return (await desk.run(setConversationStatus, { input: { id, status: 'ARCHIVED' } })).setConversationStatus
          .userErrors;
      }),
      ...ids.slice(20, 40).map(async (conversationId) => {
        const input = { conversationId, text: 'Hi', direction: 'INBOUND' as const };
        return (await desk.run(addMessage, { input })).addMessage.userErrors;
      }),
    ]);
    expect(answers.flat()).toEqual([]);
    await expectChainedEvents();
    for (const { status, closedAt } of await rowsNow()) expect(closedAt === null).toBe(status === 'OPEN');
  });

  test('by many who give the same ones to one agent changes each once', async () => {
    const { desk, ada, omar } = story;
    await omarsConversations(50);
    const filter = { customerId: { eq: omar.id } };
    const counts = await times(10, async () => {
      const { assignConversations: answer } = await desk.run(assignConversations, {
        input: { filter, assigneeId: ada.id },
      });
      return answer.changedCount ?? 0;
    });
    expect(counts.reduce((sum, count) => sum + count, 0)).toBe(50);
    expect((await eventsOf(testApp, desk)).filter(({ type }) => type === 'conversation.assigned')).toHaveLength(50);
  });
});

test('messages that come in any order at once leave the kept-up columns right', async () => {
  const { desk, billing, question } = story;
  await times(40, (place) => {
    const sentAt = new Date(question.sentAt.getTime() + ((place * 7) % 40) * 1_000 - 20_000).toISOString();
    const direction = place % 3 ? ('OUTBOUND' as const) : ('INBOUND' as const);
    return desk.run(addMessage, {
      input: { conversationId: billing.id, text: `Message ${place}`, direction, isInternal: place % 6 === 1, sentAt },
    });
  });
  await expectKeptUp(testApp, desk);
});
