import { afterAll, beforeAll, expect, test } from 'vitest';
import { authentication } from '../../src/auth/authentication.js';
import type { Caller } from '../../src/auth/caller.js';
import { openTestApp, type TestApp } from '../kit/app.js';
import { type Story, tellStory } from '../kit/story.js';

/** An agent who may manage keys, and would act as another agent by one. */

let testApp: TestApp;
let story: Story;
let ada: Caller;
let bens: { id: string; key: string };

beforeAll(async () => {
  testApp = await openTestApp();
  story = await tellStory(testApp);
  const { apiKeys } = testApp.services;
  const { workspaceId } = story.desk;
  const own = await apiKeys.create({ workspaceId, kind: 'USER', agentId: story.ada.id });
  ada = await authentication(testApp.database).authenticate(own.key);
  bens = await apiKeys.create({ workspaceId, kind: 'USER', agentId: story.ben.id });
});
afterAll(() => testApp.close());

const scopes = ['customers:read' as const];

test.each([
  ['makes a key', () => testApp.services.managedKeys.create(ada, { kind: 'USER', agentId: story.ben.id, scopes })],
  ['rotates the key', () => testApp.services.managedKeys.rotate(ada, { id: bens.id, graceHours: 1 })],
  [
    'makes a token',
    () => testApp.services.sessionTokens.create(ada, { agentId: story.ben.id, scopes, expiresInMinutes: 1 }),
  ],
])('nobody %s of another agent', async (_what, work) => {
  await expect(work()).rejects.toMatchObject({ code: 'FORBIDDEN' });
});

test('an agent makes keys of its own and for programs, and narrows and ends those of others', async () => {
  const { managedKeys } = testApp.services;
  const own = await managedKeys.create(ada, { kind: 'USER', agentId: story.ada.id, scopes });
  expect((await managedKeys.rotate(ada, { id: own.apiKey.id, graceHours: 0 })).key).toMatch(/^ts_sk_live_/);
  expect((await managedKeys.create(ada, { kind: 'API_USER', scopes })).key).toMatch(/^ts_sk_live_/);
  expect(await managedKeys.update(ada, { id: bens.id, scopes })).toMatchObject({ result: 'UPDATED' });
  expect(await managedKeys.revoke(ada, { id: bens.id })).toMatchObject({ result: 'UPDATED' });
});
