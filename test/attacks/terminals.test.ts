import { afterAll, beforeAll, expect, test } from 'vitest';
import { run } from '../cli/run.js';
import { type Desk, openTestApp, type TestApp } from '../kit/app.js';
import { createEndpoint } from '../modules/webhooks/kit.js';

/** Names that the holder of a key chooses, and the operator sees in a terminal, which obeys some signs. */

/** Rewrites the title of the window, clears the screen in both spellings, breaks lines, and turns the order around. */
const name = 'before\u001b]0;title\u0007\u001b[2J\u009b2J\u0085\u2028\u202emoc.elpmaxe\u2066after';
const obeyed = /[^\P{Cc}\n]|[\u2028\u2029\u202a-\u202e\u2066-\u2069]/u;

let testApp: TestApp;
let desk: Desk;

beforeAll(async () => {
  testApp = await openTestApp();
  desk = await testApp.createDesk();
});
afterAll(() => testApp.close());

test('a table shows them without', async () => {
  const { workspaceId } = desk;
  await testApp.services.apiKeys.create({ workspaceId, kind: 'API_USER', name });
  const { out } = await run(['keys', 'list', '--workspace', workspaceId]);
  expect(out).toMatch(/before .*after/);
  expect(out).not.toMatch(obeyed);
});

test('JSON says the same with each of them escaped', async () => {
  const { workspaceId } = desk;
  const { id } = await testApp.services.apiKeys.create({ workspaceId, kind: 'API_USER', name });
  const { out } = await run(['keys', 'list', '--workspace', workspaceId, '--json']);
  expect(out).not.toMatch(obeyed);
  expect(JSON.parse(out)).toContainEqual(expect.objectContaining({ id, name }));
});

test('URLs of webhooks are shown without when their key is revoked', async () => {
  const { workspaceId } = desk;
  const { prisma } = testApp.database;
  await desk.run(createEndpoint, { input: { url: 'https://desk.example/' } });
  // As one that was stored before such URLs were refused.
  await prisma.webhookEndpoint.updateMany({ where: { workspaceId }, data: { url: `https://desk.example/${name}` } });
  const { id } = await prisma.apiKey.findFirstOrThrow({ where: { workspaceId, name: null } });
  const { out } = await run(['keys', 'revoke', '--workspace', workspaceId, '--id', id]);
  expect(out).toMatch(/https:\/\/desk\.example\/before/);
  expect(out).not.toMatch(obeyed);
});
