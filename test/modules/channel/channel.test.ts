import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { graphql } from '../../generated/gql.js';
import type { CreateChannelInput } from '../../generated/graphql.js';
import { createChannel, updateChannel } from '../../graphql/mutations.js';
import { openTestApp, type TestApp } from '../../kit/app.js';
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

const getChannel = graphql(`query DeskGetChannel($id: ID!) { channel(id: $id) { ...DeskChannel } }`);

const create = async (input: CreateChannelInput) => (await story.desk.run(createChannel, { input })).createChannel;
const update = async (input: object) =>
  (await story.desk.run(updateChannel, { input: { id: story.mailbox.id, ...input } })).updateChannel;

describe('channel(id)', () => {
  test('shows one channel, and null when there is none', async () => {
    expect((await story.desk.run(getChannel, { id: story.mailbox.id })).channel).toMatchObject({
      databaseId: story.mailbox.id,
      kind: 'EMAIL',
      address: 'help@desk.test',
      version: 1,
    });
    expect(await story.desk.run(getChannel, { id: 'chn_none' })).toEqual({ channel: null });
  });
});

describe('createChannel', () => {
  test('adds a channel and tells of it', async () => {
    const events = await newEvents(testApp, story.desk, async () => {
      expect(await create({ kind: 'EMAIL', name: 'Sales', address: 'sales@desk.test' })).toMatchObject({
        channel: { kind: 'EMAIL', name: 'Sales', address: 'sales@desk.test', version: 1, updatedAt: null },
        userErrors: [],
      });
    });
    expect(events).toMatchObject([{ type: 'channel.created', data: { after: { kind: 'EMAIL', name: 'Sales' } } }]);
  });

  test('sent twice names the channel that has the name; one of another kind may have it too', async () => {
    expect(await create({ kind: 'EMAIL', name: 'Support' })).toMatchObject({
      channel: null,
      userErrors: [{ code: 'CONFLICT', path: ['input', 'name'], conflictingId: story.mailbox.id }],
    });
    expect((await create({ kind: 'CHAT', name: 'Support' })).userErrors).toEqual([]);
  });
});

describe('updateChannel', () => {
  test('changes what is given and tells of what changed, once', async () => {
    const events = await newEvents(testApp, story.desk, async () => {
      expect(await update({ name: 'Help', ifVersion: 1 })).toMatchObject({
        result: 'UPDATED',
        channel: { name: 'Help', address: 'help@desk.test', version: 2, updatedAt: expect.any(String) },
      });
      expect(await update({ name: 'Help' })).toMatchObject({ result: 'UNCHANGED', channel: { version: 2 } });
      expect(await update({ address: null })).toMatchObject({ result: 'UPDATED', channel: { address: null } });
    });
    expect(events.map(({ type, data }) => [type, data])).toEqual([
      ['channel.updated', { before: { name: 'Support' }, after: { name: 'Help' } }],
      ['channel.updated', { before: { address: 'help@desk.test' }, after: { address: null } }],
    ]);
  });

  test('refuses a name that another one of its kind has, and a version that is not current', async () => {
    const { channel } = await create({ kind: 'EMAIL', name: 'Sales' });
    expect(await update({ name: 'Sales' })).toMatchObject({
      channel: null,
      userErrors: [{ code: 'CONFLICT', path: ['input', 'name'], conflictingId: channel?.databaseId }],
    });
    expect(await update({ name: 'Help', ifVersion: 4 })).toMatchObject({
      userErrors: [
        { code: 'CONFLICT', path: ['input', 'ifVersion'], conflictingId: story.mailbox.id, retryable: true },
      ],
    });
  });

  test('gives no address to a channel that is no mailbox', async () => {
    const { channel } = await create({ kind: 'FORM', name: 'Form' });
    expect(await update({ id: channel?.databaseId, address: 'form@desk.test' })).toMatchObject({
      userErrors: [{ code: 'BAD_USER_INPUT', path: ['input', 'address'] }],
    });
  });
});
