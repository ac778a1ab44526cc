import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { CreateContactInput } from '../../generated/graphql.js';
import { createContact } from '../../graphql/mutations.js';
import { openTestApp, type TestApp } from '../../kit/app.js';
import { ask } from '../../kit/ask.js';
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

const create = async (input: CreateContactInput) => (await story.desk.run(createContact, { input })).createContact;

describe('createContact', () => {
  test('creates who is new, and tells of it', async () => {
    const events = await newEvents(testApp, story.desk, async () => {
      expect(await create({ email: ' Nora@example.com ', name: 'Nora', phone: '1' })).toMatchObject({
        result: 'CREATED',
        contact: { email: 'Nora@example.com', name: 'Nora', phone: '1', source: 'API', status: 'ACTIVE' },
        userErrors: [],
      });
    });
    expect(events.map(({ type }) => type)).toEqual(['customer.created']);
  });

  test('answers who has the address already, whatever its case, unchanged', async () => {
    const events = await newEvents(testApp, story.desk, async () => {
      expect(await create({ email: 'JANE@example.com', name: 'Another' })).toMatchObject({
        result: 'UNCHANGED',
        contact: { databaseId: story.jane.id, name: 'Jane Doe', email: 'jane@example.com' },
      });
    });
    expect(events).toEqual([]);
  });

  test('sent twice makes one contact', async () => {
    const first = await create({ email: 'nora@example.com', name: 'Nora' });
    expect(await create({ email: 'nora@example.com', name: 'Nora' })).toEqual({ ...first, result: 'UNCHANGED' });
  });
});

describe('a desk where nothing happened yet', () => {
  test('has empty lists', async () => {
    const desk = await testApp.createDesk();
    const list =
      '{ totalCount nodes { id } edges { cursor } pageInfo { hasNextPage hasPreviousPage startCursor endCursor } }';
    const { data } = await ask(
      testApp,
      desk,
      `{ customers ${list} contacts ${list} conversations ${list} agents ${list} channels ${list} }`,
    );
    const empty = {
      totalCount: 0,
      nodes: [],
      edges: [],
      pageInfo: { hasNextPage: false, hasPreviousPage: false, startCursor: null, endCursor: null },
    };
    expect(data).toEqual({ customers: empty, contacts: empty, conversations: empty, agents: empty, channels: empty });
  });

  test('has people without conversations', async () => {
    const { data } = await ask(
      testApp,
      story.desk,
      `{ contact(email: "OMAR@example.com") {
        conversationCount lastMessageAt lastMessagePreview latestConversation { id } conversations { totalCount nodes { id } }
      } }`,
    );
    expect(data).toEqual({
      contact: {
        conversationCount: 0,
        lastMessageAt: null,
        lastMessagePreview: null,
        latestConversation: null,
        conversations: { totalCount: 0, nodes: [] },
      },
    });
  });
});

describe('who is calling', () => {
  test('is the key and its workspace, and the agent of a user key', async () => {
    const { desk, ada } = story;
    const { key } = await testApp.services.apiKeys.create({
      workspaceId: desk.workspaceId,
      kind: 'USER',
      agentId: ada.id,
      scopes: ['customers:read'],
    });
    const document =
      '{ viewer { kind scopes agent { name isActive } workspace { databaseId } } workspace { name currency timezone } }';
    const { data } = await ask(testApp, testApp.deskOf(desk.workspaceId, key), document);
    expect(data).toEqual({
      viewer: {
        kind: 'USER',
        scopes: ['customers:read'],
        agent: { name: 'Ada', isActive: true },
        workspace: { databaseId: desk.workspaceId },
      },
      workspace: { name: 'Support', currency: 'USD', timezone: 'UTC' },
    });
  });
});
