import { afterAll, beforeAll, expect, test } from 'vitest';
import { authentication } from '../../src/auth/authentication.js';
import type { Caller } from '../../src/auth/caller.js';
import { openTestApp, type TestApp } from '../kit/app.js';
import { type Story, tellStory } from '../kit/story.js';

/** An agent who may manage keys, and would act as another agent by one, or keep one that does not end with the agent. */

let testApp: TestApp;
let story: Story;
let ada: Caller;
let bens: { id: string; key: string };
let integrations: { id: string; key: string };

beforeAll(async () => {
  testApp = await openTestApp();
  story = await tellStory(testApp);
  const { apiKeys } = testApp.services;
  const { workspaceId } = story.desk;
  const own = await apiKeys.create({ workspaceId, kind: 'USER', agentId: story.ada.id });
  ada = await authentication(testApp.database).authenticate(own.key);
  bens = await apiKeys.create({ workspaceId, kind: 'USER', agentId: story.ben.id });
  integrations = await apiKeys.create({ workspaceId, kind: 'API_USER' });
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
  ['makes a key of nobody, instead', () => testApp.services.managedKeys.create(ada, { kind: 'API_USER', scopes })],
  [
    'rotates the key of nobody, instead',
    () => testApp.services.managedKeys.rotate(ada, { id: integrations.id, graceHours: 1 }),
  ],
])('nobody %s of another agent', async (_what, work) => {
  await expect(work()).rejects.toMatchObject({ code: 'FORBIDDEN' });
});

test('an agent makes keys of its own, and narrows and ends those of others', async () => {
  const { managedKeys } = testApp.services;
  const own = await managedKeys.create(ada, { kind: 'USER', agentId: story.ada.id, scopes });
  expect((await managedKeys.rotate(ada, { id: own.apiKey.id, graceHours: 0 })).key).toMatch(/^ts_sk_live_/);
  expect(await managedKeys.update(ada, { id: bens.id, scopes })).toMatchObject({ result: 'UPDATED' });
  expect(await managedKeys.revoke(ada, { id: bens.id })).toMatchObject({ result: 'UPDATED' });
  expect(await managedKeys.revoke(ada, { id: integrations.id })).toMatchObject({ result: 'UPDATED' });
});

test('nothing that an agent has made is taken once the agent is deactivated', async () => {
  const { managedKeys, sessionTokens, agents } = testApp.services;
  const { key } = await managedKeys.create(ada, { kind: 'USER', agentId: story.ada.id, scopes });
  const { token } = await sessionTokens.create(ada, { agentId: story.ada.id, scopes, expiresInMinutes: 60 });
  await agents.deactivate(story.desk.operator, { id: story.ada.id });
  const { authenticate } = authentication(testApp.database);
  for (const held of [key, token]) {
    await expect(authenticate(held ?? undefined)).rejects.toMatchObject({ code: 'UNAUTHENTICATED' });
  }
});
