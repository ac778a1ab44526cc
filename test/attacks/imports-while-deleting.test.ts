import { afterAll, beforeAll, expect, test } from 'vitest';
import { conversationImporter } from '../../src/modules/conversation/import/conversation.import.js';
import { customerImporter } from '../../src/modules/customer/import/customer.importer.js';
import { openTestApp, type TestApp } from '../kit/app.js';
import { createTestDatabase, type TestDatabase } from '../kit/database.js';
import { tracesIn } from '../kit/everything.js';

/** A person is deleted while files of an import tell of the same person. */

let own: TestDatabase;
let testApp: TestApp;

beforeAll(async () => {
  own = await createTestDatabase();
  testApp = await openTestApp({ connection: own.connection });
});
afterAll(async () => {
  await testApp.close();
  await own.drop();
});

const rounds = 8;

test('nothing is left of what an import has brought meanwhile', async () => {
  const { operator, workspaceId } = await testApp.createDesk();
  const { services, database } = testApp;
  const { customer } = await services.customers.create(operator, {
    name: 'Zyxwolf Quenby',
    email: 'zyx@wolf.test',
    externalId: 'usr_zyx',
  });
  const { id } = customer;
  const conversations = conversationImporter(database, operator);
  const customers = customerImporter(database, operator);
  /** By the id, which is nobody's any more once the deletion has begun. */
  const bring = async (round: number) => {
    const messages = [
      { externalId: `m${round}`, direction: 'INBOUND', text: 'Zyxwolf is a wombat', sentAt: '2026-01-01T10:00:00Z' },
    ];
    const line = {
      externalId: `c${round}`,
      source: 'EMAIL',
      team: 'Desk',
      customer: { id, externalId: 'usr_zyx' },
      subject: 'Zyxwolf',
      metadata: { of: 'Zyxwolf' },
      messages,
    };
    return [
      ...(await conversations.write([conversations.parse(line)])),
      ...(await customers.write([
        customers.parse({ id, externalId: 'usr_zyx', name: 'Zyxwolf', notes: `wombat ${round}` }),
      ])),
    ];
  };
  await bring(0);
  const brought: Promise<unknown[]>[] = [];
  for (let round = 1; round < rounds; round += 1) brought.push(bring(round));
  const deleted = services.customers.delete(operator, { id, mode: 'SCRUB' });
  for (let round = rounds; round < 2 * rounds; round += 1) brought.push(bring(round));
  await deleted;
  const outcomes = (await Promise.all(brought)).flat();
  expect(outcomes.length).toBe(2 * (2 * rounds - 1));
  expect(await database.prisma.erasure.count({ where: { workspaceId, finishedAt: null } })).toBe(0);
  expect(await tracesIn(testApp, /zyxwolf|zyx@wolf|wombat/i)).toEqual([]);
});
