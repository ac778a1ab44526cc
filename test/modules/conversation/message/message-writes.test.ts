import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { messageService } from '../../../../src/modules/conversation/message/message.service.js';
import { openTestApp, type TestApp } from '../../../kit/app.js';
import { hello, sendKeyed } from '../../../kit/keyed.js';
import { eventsOf, expectKeptUp } from '../../../kit/records.js';
import { sentBy, statementsOf } from '../../../kit/statements.js';
import { type Story, tellStory } from '../../../kit/story.js';

/** How a message is written: what it depends on is read by one statement, and another one does the rest. */

let testApp: TestApp;
let story: Story;

beforeAll(async () => {
  testApp = await openTestApp();
});
beforeEach(async () => {
  story = await tellStory(testApp);
});
afterAll(() => testApp.close());

type Input = Partial<Parameters<TestApp['services']['messages']['add']>[1]>;
const add = (input: Input) =>
  testApp.services.messages.add(story.desk.operator, { conversationId: story.billing.id, text: 'Hi', ...input });
const setStatus = (status: 'CLOSED') =>
  testApp.services.conversations.setStatus(story.desk.operator, { id: story.billing.id, status });
const longAgo = new Date('2020-01-01T00:00:00Z');

describe('a message costs two statements', () => {
  const inputs: [what: string, input: Input][] = [
    ['to the contact', {}],
    ['from the contact', { direction: 'INBOUND' }],
    ['of the system', { direction: 'SYSTEM' }],
    ['that only agents see', { isInternal: true }],
    ['with an id of another system', { externalId: 'x-1' }],
  ];
  test.each(inputs)('%s', async (_what, input) => {
    expect(await statementsOf(() => add(input))).toHaveLength(2);
  });

  test('and no transaction', async () => {
    const database = {
      ...testApp.database,
      transaction: () => Promise.reject(new Error('A transaction was opened.')),
    };
    const input = { conversationId: story.billing.id, text: 'Hi' };
    const { result } = await messageService(database).add(story.desk.operator, input);
    expect(result).toBe('CREATED');
  });

  test('that opens the conversation, unassigns it and ends its snooze', async () => {
    const { ada, billing, desk } = story;
    await testApp.services.conversations.assign(desk.operator, { id: billing.id, assigneeId: ada.id });
    await setStatus('CLOSED');
    const where = { workspaceId_id: { workspaceId: desk.workspaceId, id: ada.id } };
    await testApp.database.prisma.agent.update({ where, data: { deactivatedAt: new Date() } });
    expect(await statementsOf(() => add({ direction: 'INBOUND' }))).toHaveLength(2);
    const types = (await eventsOf(testApp, desk)).map(({ type }) => type);
    expect(types.slice(-3)).toEqual(['message.created', 'conversation.status_changed', 'conversation.assigned']);
  });

  test('that the conversation has already, and one that comes for another version', async () => {
    await add({ externalId: 'x-1' });
    expect(await statementsOf(() => add({ externalId: 'x-1', ifVersion: 1 }))).toHaveLength(2);
    const late = () => expect(add({ ifVersion: 1 })).rejects.toMatchObject({ code: 'CONFLICT' });
    expect(await statementsOf(late)).toHaveLength(2);
  });

  test('and three when it is earlier than others, whose times it may change', async () => {
    const early = () => add({ direction: 'INBOUND', sentAt: longAgo });
    expect(await statementsOf(early)).toHaveLength(3);
    await expectKeptUp(testApp, story.desk);
  });

  test('and three more under an idempotency key', async () => {
    const keyed = await sentBy(() => sendKeyed(testApp.app, story.desk, hello(story), 'once'));
    expect(keyed.filter(({ text }) => text.includes('"IdempotencyRecord"'))).toHaveLength(3);
    expect(keyed.filter(({ text }) => /INTO "Message"|"mailbox"/.test(text))).toHaveLength(2);
  });
});

describe('the same message', () => {
  test('for one version, twenty times at once, is added once and refused to nobody', async () => {
    const twice = Array.from({ length: 20 }, () => add({ externalId: 'x-1', ifVersion: 1 }));
    const results = (await Promise.all(twice)).map(({ result }) => result);
    expect(results.filter((result) => result === 'CREATED')).toHaveLength(1);
    expect(results.filter((result) => result === 'UNCHANGED')).toHaveLength(19);
  });

  test('is answered as it was added to a run that continues one that ended before its answer', async () => {
    const { operator } = story.desk;
    const sentAt = new Date(Date.now() + 60_000);
    const run = async () => {
      const begun = await testApp.services.idempotency.begin(operator, 'broken', 'same');
      if ('answer' in begun) throw new Error('There is an answer already.');
      // By then the message is no longer later than all others, and its externalId is known.
      const input = { conversationId: story.billing.id, text: 'Hi', externalId: 'x-1', sentAt, ifVersion: 1 };
      const added = await messageService(begun.run.databaseFor('addMessage')).add(operator, input);
      await testApp.services.idempotency.releaseAll();
      return added;
    };
    const first = await run();
    expect(first.result).toBe('CREATED');
    expect(await run()).toEqual(first);
  });
});
