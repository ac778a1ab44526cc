import { afterAll, beforeAll, expect, test } from 'vitest';
import { allDialects } from '../../src/rest/server.js';
import type { Desk } from '../kit/app.js';
import { startTestServer, type TestServer } from '../kit/http.js';
import { call } from '../kit/rest.js';

/** What a request is told first when more than one thing is wrong with it. */

let server: TestServer;
let desk: Desk;
let powerless: string;
let without: Desk;

beforeAll(async () => {
  server = await startTestServer();
  desk = await server.createDesk();
  powerless = (await desk.withScopes('sessions:create')).key;
  without = await server.createDesk('No plan', { entitlements: [] });
});
afterAll(() => server.close());

/** Whoever has a key may ask whose it is. */
const forAll = ['cstarWhoAmI'];

const routes = [...new Set(allDialects.flatMap((dialect) => dialect.routes.map((route) => ({ dialect, route }))))];
const named = routes
  .filter(({ route }) => !forAll.includes(route.id))
  .map(({ dialect, route }) => [route.id, { dialect, route }] as const);

/** A request of the route in which nothing can be used but the workspace. */
async function ask({ route: { method, path } }: (typeof routes)[number], key: string | null, workspace: string) {
  const filled = path.replace(/\{(workspaceId|teamId)\}/, workspace).replaceAll(/\{\w+\}/g, '%20');
  const isRead = method === 'GET';
  return call(server, desk, `${filled}?limit=x&page=x&group_by=x&from=x`, {
    ...{ method, key },
    ...(!isRead && { body: '{' }),
  });
}

const anywhere = /\{(workspaceId|teamId)\}/;

test.each(named)(
  '%s says 401 to no key, 404 of another workspace and 403 to a key that may not, whatever else is wrong',
  async (_id, one) => {
    expect((await ask(one, null, desk.workspaceId)).status).toBe(401);
    const refused = await ask(one, powerless, desk.workspaceId);
    expect([refused.status, JSON.stringify(refused.body)]).toEqual([403, expect.stringContaining('lacks the scope')]);
    if (anywhere.test(one.route.path)) expect((await ask(one, powerless, without.workspaceId)).status).toBe(404);
    expect([401, 403]).not.toContain((await ask(one, desk.key, desk.workspaceId)).status);
  },
);

test.each(named.filter(([, { dialect }]) => dialect.name === 'linquid'))(
  '%s says first that the plan lacks it',
  async (_id, one) => {
    const { key } = await without.withScopes('sessions:create');
    expect(await ask(one, key, without.workspaceId)).toMatchObject({ body: { code: 'ENTITLEMENT_REQUIRED' } });
  },
);
