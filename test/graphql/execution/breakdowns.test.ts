import { fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Database } from '../../../src/db/database.js';
import { newId } from '../../../src/db/ids.js';
import { Prisma } from '../../../src/generated/prisma/client.js';
import { openTestApp, type TestApp } from '../../kit/app.js';
import { testConnection } from '../../kit/connection.js';
import {
  countMessages,
  hello,
  initOf,
  type KeyedAnswer,
  type KeyedRequest,
  letTimePass,
  recordsOf,
  sendKeyed,
  withGateway,
} from '../../kit/keyed.js';
import { type Story, tellStory } from '../../kit/story.js';

let testApp: TestApp;
let story: Story;
let key: string;

beforeAll(async () => {
  testApp = await openTestApp();
  story = await tellStory(testApp);
});
beforeEach(() => {
  key = `try-${newId('Message')}`;
});
afterAll(() => testApp.close());

const send = (request: KeyedRequest, { app = testApp.app } = {}): Promise<KeyedAnswer> =>
  sendKeyed(app, story.desk, request, key);

const messages = () => countMessages(testApp, story);

describe('a gateway that breaks down between a change and its answer', () => {
  test('by kill -9 has done it once', async () => {
    const before = await messages();
    const gateway = fork(join(import.meta.dirname, 'dying-gateway.mjs'), { execArgv: [], stdio: 'ignore' });
    gateway.send({ connection: testConnection(), request: initOf(hello(story), key, story.desk) });
    expect(await once(gateway, 'exit')).toEqual([null, 'SIGKILL']);
    expect(await messages()).toBe(before + 1);

    expect(await send(hello(story))).toMatchObject({ status: 409, code: 'IDEMPOTENCY_KEY_IN_USE' });
    await letTimePass(testApp, key, '10 seconds');
    expect(await send(hello(story, 'Goodbye'))).toMatchObject({ status: 422, code: 'IDEMPOTENCY_KEY_REUSED' });
    const second = await send(hello(story));
    expect(JSON.parse(second.text).data.addMessage).toMatchObject({ message: { text: 'Hello' }, userErrors: [] });
    expect(await send(hello(story))).toEqual({ ...second, replayed: true });
    expect(await messages()).toBe(before + 1);
  });

  test('is gone on from where it stopped', async () => {
    const three = {
      query: `mutation ($id: ID!) {
        one: addMessage(input: { conversationId: $id, text: "One" }) { ...Added }
        two: addMessage(input: { conversationId: $id, text: "Two" }) { ...Added }
        three: addMessage(input: { conversationId: $id, text: "Three" }) { ...Added }
      }
      fragment Added on AddMessagePayload { message { id text sentAt } conversation { version contact { id } } }`,
      variables: { id: story.billing.id },
    };
    const before = await messages();
    let left = 2;
    const failing = (database: Database): Partial<Database> => ({
      transaction: (work) => {
        left -= 1;
        return left < 0 ? Promise.reject(new Error('The connection broke.')) : database.transaction(work);
      },
    });
    const first = await withGateway(failing, (app) => send(three, { app }));
    expect(first.code).toBe('INTERNAL_SERVER_ERROR');
    expect(await messages()).toBe(before + 2);

    const second = await send(three);
    expect(second.status).toBe(200);
    const { one, two, three: third } = JSON.parse(second.text).data;
    expect([one, two, third].map(({ message }) => message.text)).toEqual(['One', 'Two', 'Three']);
    expect(third.conversation.version).toBe(one.conversation.version + 2);
    expect(await messages()).toBe(before + 3);
    expect(await send(three)).toEqual({ ...second, replayed: true });
  });

  test('and is started again alone on its database finds its keys free', async () => {
    const failing = (database: Database): Partial<Database> => ({
      transaction: async (work) => {
        await database.transaction(work);
        return new Promise(() => undefined);
      },
    });
    await withGateway(failing, async (app) => {
      void send(hello(story), { app });
      await expect.poll(async () => (await recordsOf(testApp, key))[0]?.steps.length).toBe(1);
      expect(await send(hello(story))).toMatchObject({ status: 409 });
      await testApp.services.idempotency.releaseAll();
      expect(await send(hello(story))).toMatchObject({ status: 200, replayed: false });
    });
  });

  test('and had been overtaken before has done it once', async () => {
    const sale = {
      query: `mutation {
        recordConversion(input: { class: SALE, externalId: "usr_${key}", amountMinor: 100 }) { result userErrors { code } }
      }`,
    };
    const sales = () => testApp.database.prisma.conversion.count({ where: { customer: { externalId: `usr_${key}` } } });
    let runs = 0;
    const overtakenThenDead = (database: Database): Partial<Database> => ({
      transaction: async (work) => {
        runs += 1;
        if (runs === 1) throw new Prisma.PrismaClientKnownRequestError('taken', { code: 'P2002', clientVersion: '' });
        await database.transaction(work);
        return new Promise(() => undefined);
      },
    });
    await withGateway(overtakenThenDead, async (app) => {
      void send(sale, { app });
      await expect.poll(async () => (await recordsOf(testApp, key))[0]?.steps.length).toBe(1);
    });
    expect([runs, await sales()]).toEqual([2, 1]);
    await letTimePass(testApp, key, '10 seconds');
    const second = await send(sale);
    expect(JSON.parse(second.text)).toEqual({ data: { recordConversion: { result: 'RECORDED', userErrors: [] } } });
    expect(await sales()).toBe(1);
  });

  test('after it was taken for dead changes nothing any more', async () => {
    const before = await messages();
    const slow = (database: Database): Partial<Database> => ({
      transaction: async (work) => {
        await letTimePass(testApp, key, '10 seconds');
        expect(await send(hello(story))).toMatchObject({ status: 200, replayed: false });
        return database.transaction(work);
      },
    });
    expect(await withGateway(slow, (app) => send(hello(story), { app }))).toMatchObject({
      status: 409,
      code: 'IDEMPOTENCY_KEY_IN_USE',
    });
    expect(await messages()).toBe(before + 1);
  });
});
