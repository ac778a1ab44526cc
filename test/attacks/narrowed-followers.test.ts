import { parse } from 'graphql';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { subscribe, transports } from '../kit/followers.js';
import { startTestServer, type TestServer } from '../kit/http.js';
import { type Story, tellStory } from '../kit/story.js';
import type { changes } from '../modules/events/changes.js';

/** What two workspaces of one process follow, when one of them loses what it may see. */

let server: TestServer;
let mine: Story;
let theirs: Story;

beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server.close());
beforeEach(async () => {
  mine = await tellStory(server);
  theirs = await tellStory(server, 'Theirs');
});

const whole = parse(`
  subscription { changes(after: "0") { seq type entityId before after } }
`) as unknown as typeof changes;

const say = ({ desk, billing }: Story, text: string) =>
  server.services.messages.add(desk.operator, { conversationId: billing.id, text, direction: 'INBOUND' });

describe.each(transports)('over %s', (transport) => {
  /** Two of a workspace each, by a key of an agent, with what is told of both. */
  async function follow({ desk, ada }: Story) {
    const { id, key } = await server.services.apiKeys.create({
      workspaceId: desk.workspaceId,
      kind: 'USER',
      agentId: ada.id,
      scopes: ['customers:read', 'conversations:read'],
    });
    return { id, following: subscribe({ endpoint: server.endpoint, key, transport }, whole, {}) };
  }

  test.each([
    ['a key has lost a scope', 'FORBIDDEN', 4403],
    ['its agent was deactivated', 'UNAUTHENTICATED', 4403],
  ])('nothing is told when %s, and nothing of others ever', async (what, code, closing) => {
    const one = await follow(mine);
    const other = await follow(theirs);
    await Promise.all([one.following.until(1), other.following.until(1)]);
    const both = (text: string) => Promise.all([say(mine, `mine ${text}`), say(theirs, `theirs ${text}`)]);
    await both('before');
    await expect
      .poll(() => JSON.stringify([one, other].map(({ following }) => following.told.at(-1))))
      .toMatch(/mine.*theirs/);
    const { operator } = mine.desk;
    if (code === 'FORBIDDEN')
      await server.services.managedKeys.update(operator, { id: one.id, scopes: ['customers:read'] });
    else await server.services.agents.deactivate(operator, { id: mine.ada.id });
    const end = await one.following.ended;
    if (transport === 'SSE') expect(one.following.failed.at(-1)?.errors?.[0]?.extensions?.code, what).toBe(code);
    else expect(end).toMatchObject({ code: closing });
    await both('secret');
    await expect.poll(() => JSON.stringify(other.following.told.at(-1))).toContain('theirs secret');
    expect(JSON.stringify(one.following.told)).not.toMatch(/secret|theirs/);
    expect(JSON.stringify(other.following.told)).not.toContain('mine');
    other.following.leave();
  });
});
