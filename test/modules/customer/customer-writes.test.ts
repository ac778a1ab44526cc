import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { CreateCustomerInput, UpdateContactInput, UpdateCustomerInput } from '../../generated/graphql.js';
import { openTestApp, type TestApp } from '../../kit/app.js';
import { newEvents } from '../../kit/records.js';
import { type Story, tellStory } from '../../kit/story.js';
import {
  addCustomerTags,
  archiveContact,
  createCustomer,
  removeCustomerTags,
  restoreContact,
  setCustomerStatus,
  updateContact,
  updateCustomer,
} from './customer-mutations.js';

let testApp: TestApp;
let story: Story;

beforeAll(async () => {
  testApp = await openTestApp();
});
beforeEach(async () => {
  story = await tellStory(testApp);
});
afterAll(() => testApp.close());

const create = async (input: CreateCustomerInput) => (await story.desk.run(createCustomer, { input })).createCustomer;
const update = async (input: UpdateCustomerInput) => (await story.desk.run(updateCustomer, { input })).updateCustomer;
const addTags = async (id: string, tags: string[]) =>
  (await story.desk.run(addCustomerTags, { input: { id, tags } })).addCustomerTags;
const changeContact = async (input: UpdateContactInput) =>
  (await story.desk.run(updateContact, { input })).updateContact;

describe('createCustomer', () => {
  test('creates one and tells of it', async () => {
    let answer: Awaited<ReturnType<typeof create>> | undefined;
    const events = await newEvents(testApp, story.desk, async () => {
      answer = await create({ externalId: 'usr_new', email: 'new@example.com', name: 'Nora', tags: ['vip'] });
    });
    expect(answer).toMatchObject({
      result: 'CREATED',
      changedFields: ['externalId', 'email', 'name', 'tags'],
      customer: { externalId: 'usr_new', email: 'new@example.com', name: 'Nora', tags: ['vip'], version: 1 },
      userErrors: [],
    });
    const after = { externalId: 'usr_new', email: 'new@example.com', name: 'Nora', tags: ['vip'], metadata: {} };
    expect(events).toMatchObject([
      { type: 'customer.created', entityId: answer?.customer?.databaseId, data: { after } },
    ]);
  });

  test('sent twice answers who has the externalId already, and writes nothing', async () => {
    const { customer } = await create({ externalId: 'usr_new', name: 'Nora' });
    const events = await newEvents(testApp, story.desk, async () => {
      expect(await create({ externalId: 'usr_new', name: 'Another' })).toMatchObject({
        customer: null,
        result: null,
        userErrors: [
          { code: 'CONFLICT', path: ['input', 'externalId'], conflictingId: customer?.databaseId, retryable: false },
        ],
      });
    });
    expect(events).toEqual([]);
  });

  test('makes a customer of the contact that has the e-mail, with its history', async () => {
    const events = await newEvents(testApp, story.desk, async () => {
      expect(await create({ externalId: 'usr_omar', email: 'OMAR@example.com', name: 'Omar' })).toMatchObject({
        result: 'ADOPTED',
        changedFields: ['externalId', 'email', 'name'],
        customer: { databaseId: story.omar.id, externalId: 'usr_omar', name: 'Omar' },
        userErrors: [],
      });
    });
    expect(events.map(({ type, entityId }) => [type, entityId])).toEqual([['customer.updated', story.omar.id]]);
  });

  test('names the customer with the e-mail when that is somebody already, or nobody else is meant', async () => {
    for (const [input, id] of [
      [{ externalId: 'usr_new', email: 'JANE@example.com' }, story.jane.id],
      [{ email: 'omar@example.com' }, story.omar.id],
    ] as const) {
      expect((await create(input)).userErrors).toMatchObject([
        { code: 'CONFLICT', path: ['input', 'email'], conflictingId: id },
      ]);
    }
  });

  test('wants an externalId or an e-mail', async () => {
    expect((await create({ name: 'Nobody' })).userErrors).toMatchObject([
      { code: 'BAD_USER_INPUT', path: ['input', 'externalId'] },
    ]);
  });
});

describe('updateCustomer', () => {
  test('writes what is given, tells what changed and counts the version up', async () => {
    const { id } = story.jane;
    const events = await newEvents(testApp, story.desk, async () => {
      expect(await update({ id, name: 'Jane', phone: null, metadata: { plan: null, beta: true } })).toMatchObject({
        result: 'UPDATED',
        changedFields: ['name', 'metadata'],
        customer: { name: 'Jane', email: 'jane@example.com', metadata: { seats: 12, beta: true }, version: 2 },
        userErrors: [],
      });
    });
    expect(events).toMatchObject([
      {
        type: 'customer.updated',
        entityId: id,
        data: {
          before: { name: 'Jane Doe', metadata: { plan: 'team', seats: 12 } },
          after: { name: 'Jane', metadata: { seats: 12, beta: true } },
        },
      },
    ]);
  });

  test('sent twice changes nothing the second time', async () => {
    await update({ id: story.jane.id, name: 'Jane' });
    const events = await newEvents(testApp, story.desk, async () => {
      expect(await update({ id: story.jane.id, name: 'Jane' })).toMatchObject({
        result: 'UNCHANGED',
        changedFields: [],
        customer: { version: 2 },
      });
    });
    expect(events).toEqual([]);
  });

  test('is refused for a version that is not the last', async () => {
    expect(await update({ id: story.jane.id, name: 'Jane', ifVersion: 1 })).toMatchObject({ result: 'UPDATED' });
    expect((await update({ id: story.jane.id, name: 'Janet', ifVersion: 1 })).userErrors).toMatchObject([
      { code: 'CONFLICT', path: ['input', 'ifVersion'], conflictingId: story.jane.id, retryable: true },
    ]);
  });

  test('names who has the externalId or e-mail', async () => {
    const { jane, omar } = story;
    for (const [field, value] of [
      ['externalId', 'usr_jane'],
      ['email', 'Jane@Example.com'],
    ] as const) {
      expect((await update({ id: omar.id, [field]: value })).userErrors).toMatchObject([
        { code: 'CONFLICT', path: ['input', field], conflictingId: jane.id },
      ]);
    }
  });
});

describe('setCustomerStatus', () => {
  test('suspends and ends it, telling of each once', async () => {
    const { id } = story.jane;
    const set = async (status: 'ACTIVE' | 'SUSPENDED', ifVersion?: number) =>
      (await story.desk.run(setCustomerStatus, { input: { id, status, ifVersion } })).setCustomerStatus;
    const events = await newEvents(testApp, story.desk, async () => {
      expect(await set('SUSPENDED')).toMatchObject({ result: 'UPDATED', customer: { status: 'SUSPENDED' } });
      expect(await set('SUSPENDED')).toMatchObject({ result: 'UNCHANGED' });
      expect((await set('ACTIVE', 1)).userErrors).toMatchObject([{ code: 'CONFLICT', path: ['input', 'ifVersion'] }]);
      expect(await set('ACTIVE', 2)).toMatchObject({ result: 'UPDATED', customer: { status: 'ACTIVE' } });
    });
    expect(events.map(({ type, data }) => [type, data])).toEqual([
      ['customer.updated', { before: { status: 'ACTIVE' }, after: { status: 'SUSPENDED' } }],
      ['customer.updated', { before: { status: 'SUSPENDED' }, after: { status: 'ACTIVE' } }],
    ]);
  });
});

describe('tags', () => {
  test('are added behind those that are there, once each, and removed', async () => {
    const { id } = story.jane;
    expect(await addTags(id, ['beta', 'vip', 'beta'])).toMatchObject({
      result: 'UPDATED',
      customer: { tags: ['vip', 'beta'] },
    });
    expect(await addTags(id, ['beta'])).toMatchObject({ result: 'UNCHANGED' });
    for (const result of ['UPDATED', 'UNCHANGED']) {
      const input = { id, tags: ['vip', 'unknown'] };
      const { removeCustomerTags: answer } = await story.desk.run(removeCustomerTags, { input });
      expect(answer).toMatchObject({ result, customer: { tags: ['beta'] }, userErrors: [] });
    }
  });

  test('are 50 of 64 characters at most', async () => {
    const { id } = story.jane;
    const full = Array.from({ length: 49 }, (_, place) => `${place}`.padStart(64, 'x'));
    expect(await addTags(id, full)).toMatchObject({ result: 'UPDATED' });
    expect((await addTags(id, ['one more'])).userErrors).toMatchObject([
      { code: 'BAD_USER_INPUT', path: ['input', 'tags'] },
    ]);
    expect((await addTags(id, ['x'.repeat(65)])).userErrors).toMatchObject([
      { code: 'BAD_USER_INPUT', path: ['input', 'tags', '0'] },
    ]);
  });

  test('that many add and remove at once are all there in the end', async () => {
    const { id } = story.jane;
    const answers = await Promise.all(
      Array.from({ length: 40 }, (_, place) =>
        place % 2
          ? addTags(id, [`tag ${place}`])
          : story.desk.run(removeCustomerTags, { input: { id, tags: [`tag ${place}`, 'vip'] } }),
      ),
    );
    expect(answers).toHaveLength(40);
    const { customer } = await update({ id });
    expect([...(customer?.tags ?? [])].sort()).toEqual(
      Array.from({ length: 20 }, (_, place) => `tag ${place * 2 + 1}`).sort(),
    );
  });
});

describe('contacts', () => {
  test('are changed by either id, and named when the address is theirs', async () => {
    const { jane, omar } = story;
    expect(await changeContact({ id: omar.id, name: 'Omar', tags: ['new'] })).toMatchObject({
      result: 'UPDATED',
      changedFields: ['name', 'tags'],
      contact: { databaseId: omar.id, name: 'Omar', tags: ['new'], email: 'omar@example.com' },
      userErrors: [],
    });
    expect(await changeContact({ id: omar.id, name: 'Omar' })).toMatchObject({ result: 'UNCHANGED' });
    expect((await changeContact({ id: omar.id, email: 'JANE@example.com' })).userErrors).toMatchObject([
      { code: 'CONFLICT', path: ['input', 'email'], conflictingId: jane.id },
    ]);
    expect((await changeContact({ id: omar.id, name: 'O', ifVersion: 1 })).userErrors).toMatchObject([
      { code: 'CONFLICT', path: ['input', 'ifVersion'] },
    ]);
  });

  test('are archived and restored, each told of once', async () => {
    const { id } = story.omar;
    const events = await newEvents(testApp, story.desk, async () => {
      for (const result of ['UPDATED', 'UNCHANGED']) {
        const { archiveContact: answer } = await story.desk.run(archiveContact, { input: { id } });
        expect(answer).toMatchObject({ result, contact: { status: 'ARCHIVED' }, userErrors: [] });
      }
      const stale = await story.desk.run(restoreContact, { input: { id, ifVersion: 1 } });
      expect(stale.restoreContact.userErrors).toMatchObject([{ code: 'CONFLICT', path: ['input', 'ifVersion'] }]);
      for (const result of ['UPDATED', 'UNCHANGED']) {
        const { restoreContact: answer } = await story.desk.run(restoreContact, { input: { id } });
        expect(answer).toMatchObject({ result, contact: { status: 'ACTIVE' }, userErrors: [] });
      }
    });
    expect(events.map(({ type }) => type)).toEqual(['customer.updated', 'customer.updated']);
    expect(events[0]?.data).toEqual({ before: { archivedAt: null }, after: { archivedAt: expect.any(String) } });
  });
});
