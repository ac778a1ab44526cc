import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { allScopes, type Scope } from '../../../src/auth/scopes.js';
import { errorBody, httpErrorOf } from '../../../src/rest/linquid/errors.js';
import type { Desk } from '../../kit/app.js';
import { startTestServer, type TestServer } from '../../kit/http.js';
import { badRequest, notFound, prefixes, refusedWith } from '../../kit/linquid.js';
import { call, expectAnswer, type RestRequest } from '../../kit/rest.js';

/** How Linquid's endpoints say no, each with a code for programs. */

let server: TestServer;
let desk: Desk;
/** The same without revenue tracking. */
let without: Desk;

beforeAll(async () => {
  server = await startTestServer();
  desk = await server.createDesk();
  without = await server.createDesk('No plan', { entitlements: [] });
  for (const one of [desk, without]) await server.services.customers.upsert(one.operator, { externalId: 'usr_jane' });
});
afterAll(() => server.close());

const send = (path: string, request?: RestRequest) => call(server, desk, path, request);

/** Every route, with the scopes of which any opens it. */
const routes: [method: string, path: string, scopes: Scope[]][] = [
  ['GET', '', ['links:read']],
  ['GET', '/count', ['links:read', 'analytics:read']],
  ['GET', '/ext_usr_jane', ['links:read']],
  ['POST', '', ['links:create']],
  ['PATCH', '/ext_usr_jane', ['links:update']],
  ['GET', '/cohorts', ['analytics:read', 'links:read']],
  ['GET', '/ltv-cohorts', ['analytics:read']],
  ['POST', '/ext_usr_jane/recalculate-ltv', ['links:update', 'links:create']],
  ['GET', '/ext_usr_jane/journey', ['analytics:read', 'links:read']],
  ['GET', '/ext_usr_jane/attribution', ['analytics:read', 'links:read']],
  ['DELETE', '/ext_usr_jane', ['links:delete']],
];
const requestOf = (method: string, key: string): RestRequest => ({
  method,
  key,
  ...((method === 'POST' || method === 'PATCH') && { body: { externalId: 'usr_jane' } }),
});

describe.each(prefixes)('%s', (prefix) => {
  test.each(routes)('%s %s is for workspaces with revenue tracking', async (method, path) => {
    expectAnswer(
      await call(server, without, `${prefix}${path}`, requestOf(method, without.key)),
      refusedWith(
        403,
        'ENTITLEMENT_REQUIRED',
        'This needs REVENUE_TRACKING, which the plan of the workspace does not include.',
      ),
    );
  });

  test.each(routes)('%s %s is for keys with %j', async (method, path, scopes) => {
    const { key } = await desk.withScopes(...allScopes.filter((scope) => !scopes.includes(scope)));
    expectAnswer(
      await send(`${prefix}${path}`, requestOf(method, key)),
      refusedWith(403, 'FORBIDDEN', `This key lacks the scope ${scopes.join(' or ')}.`),
    );
    for (const scope of scopes) {
      const only = await desk.withScopes(scope);
      const { status } = await send(`${prefix}${path}`, requestOf(method, only.key));
      expect(status).toBe(200);
    }
    await server.services.trackedCustomers.upsert(desk.operator, { externalId: 'usr_jane' });
  });

  test('takes no request without a key that opens something', async () => {
    // Few with a wrong key, since an address may try only some.
    const wrong = ['YOUR_API_KEY', `${desk.key}x`].map((key) => ({ key, some: routes.slice(0, 2) }));
    for (const { key, some } of [{ key: null, some: routes }, ...wrong]) {
      for (const [method, path] of some) {
        const { status, body, headers } = await send(`${prefix}${path}`, { method, key });
        expect({ status, body }).toMatchObject({
          status: 401,
          body: { success: false, error: 'UNAUTHORIZED', code: 'UNAUTHORIZED', statusCode: 401 },
        });
        expect(headers.get('www-authenticate')).toBe('Bearer');
      }
    }
  });

  test('says which methods there are, and where nothing is', async () => {
    const answer = await send(`${prefix}/count`, { method: 'DELETE' });
    expectAnswer(answer, refusedWith(405, 'METHOD_NOT_ALLOWED', 'Method DELETE is not allowed here.'));
    expect(answer.headers.get('allow')).toBe('GET, HEAD');
    for (const path of [`${prefix}/ctc_1/more`]) {
      expectAnswer(await send(path), refusedWith(404, 'NOT_FOUND', `Cannot GET ${path}`));
    }
    expectAnswer(
      await send(prefix, { method: 'POST', body: '{}', headers: { 'content-type': 'text/plain' } }),
      refusedWith(415, 'UNSUPPORTED_MEDIA_TYPE', 'The request body must be sent as application/json.'),
    );
  });
});

describe('a parameter that cannot be used', () => {
  const page = 'page must be an integer from 1 to 999999999.';
  const limit = 'limit must be an integer from 1 to 100.';
  const sortOrder = 'Invalid sortOrder. Must be one of: asc, desc.';
  const groupBy = 'Invalid group_by. Must be one of: week, month, campaign, source.';
  const months = 'months must be an integer from 1 to 24.';
  const date = (name: string) => `${name} must be a date such as 2026-03-13.`;
  test.each([
    ['?page=0', page],
    ['?page=-1', page],
    ['?page=1.5', page],
    ['?page=two', page],
    ['?page=1000000000', page],
    ['?page=1&page=2', 'page must be given once.'],
    ['?limit=0', limit],
    ['?limit=101', limit],
    ['?limit=ten', limit],
    ['?sortOrder=DESC', sortOrder],
    ['?search=a%00', 'search must not contain a NUL character.'],
    [`?search=${'a'.repeat(1_001)}`, 'search must have at most 1000 characters.'],
    ['/cohorts?group_by=day', groupBy],
    ['/cohorts?group_by=WEEK', groupBy],
    ['/cohorts?start=2026-02-30', date('start')],
    ['/cohorts?start=2026-3-1', date('start')],
    ['/cohorts?start=0000-01-01', date('start')],
    ['/cohorts?end=2026-03-13T10:00:00Z', date('end')],
    ['/cohorts?end=tomorrow', date('end')],
    ['/cohorts?start=2026-03-02&end=2026-03-01', 'end must not lie before start.'],
    ['/ltv-cohorts?months=0', months],
    ['/ltv-cohorts?months=25', months],
    ['/ltv-cohorts?months=1.5', months],
    ['/ext_usr_jane/journey?limit=0', limit],
    ['/ext_usr_jane/journey?limit=101', limit],
    ['/ext_usr_jane/journey?cursor=nonsense', 'Invalid cursor.'],
  ])('is refused: %s', async (rest, message) => {
    expectAnswer(await send(`/customers${rest}`), badRequest(message));
  });

  test.each([
    '?page=999999999&limit=100',
    '?page=&limit=&sortOrder=',
    '?search=%2B%2B',
    '/cohorts?group_by=&start=&end=',
    '/ltv-cohorts?months=',
    '/ext_usr_jane/journey?cursor=',
    '?search=',
    '?search=+',
    `?search=${'a+'.repeat(40)}`,
    '/cohorts?start=0001-01-01&end=9999-12-31',
    '/ltv-cohorts?months=24',
    '/ext_usr_jane/journey?limit=100',
  ])('is taken up to its limit: %s', async (rest) => {
    expect((await send(`/customers${rest}`)).status).toBe(200);
  });
});

describe('a body that cannot be used', () => {
  const fields: [object, string][] = [
    [{ externalId: null }, 'externalId must be a string.'],
    [{ externalId: 7 }, 'externalId must be a string.'],
    [{ externalId: ' ' }, 'externalId must not be empty.'],
    [{ externalId: 'x'.repeat(256) }, 'externalId must have at most 255 characters.'],
    [{ externalId: 'a\0' }, 'externalId must not contain a NUL character.'],
    [{ email: 'nobody' }, 'Invalid email address format.'],
    [{ email: 5 }, 'email must be a string.'],
    [{ name: 'x'.repeat(256) }, 'name must have at most 255 characters.'],
    [{ phone: 5 }, 'phone must be a string.'],
    [{ phone: 'x'.repeat(65) }, 'phone must have at most 64 characters.'],
    [{ avatarUrl: 'javascript:alert(1)' }, 'avatarUrl must be an http or https URL.'],
    [{ metadata: [] }, 'metadata must be an object.'],
    [{ metadata: null }, 'metadata must be an object.'],
    [{ metadata: { big: 'x'.repeat(17_000) } }, 'metadata must have at most 16384 bytes as JSON.'],
  ];

  test.each(fields)('of a POST: %j', async (body, message) => {
    expectAnswer(
      await send('/customers', { method: 'POST', body: { externalId: 'usr_2', ...body } }),
      badRequest(message),
    );
  });

  test.each(fields)('of a PATCH: %j', async (body, message) => {
    expectAnswer(await send('/customers/ext_usr_jane', { method: 'PATCH', body }), badRequest(message));
  });

  test.each([
    [{}, 'externalId is required.'],
    [{ externalId: 'usr_2', clickId: 5 }, 'clickId must be a string.'],
    [{ externalId: 'usr_2', clickId: '' }, 'clickId must not be empty.'],
    [[], 'The request body must be a JSON object.'],
    ['{', 'The request body is not valid JSON.'],
  ])('of a POST alone: %j', async (body, message) => {
    expectAnswer(await send('/customers', { method: 'POST', body }), badRequest(message));
  });

  test('has written nothing', async () => {
    expectAnswer(await send('/customers/ext_usr_2'), notFound);
  });
});

describe('an error of the graph', () => {
  const told = (code: string) => errorBody(httpErrorOf([{ message: 'Because.', extensions: { code } }]));
  test.each([
    ['SERVICE_UNAVAILABLE', 503, 'SERVICE_UNAVAILABLE'],
    ['UNAVAILABLE', 503, 'SERVICE_UNAVAILABLE'],
    ['ANALYTICS_ERROR', 500, 'ANALYTICS_ERROR'],
    ['INTERNAL_SERVER_ERROR', 500, 'INTERNAL_ERROR'],
    ['NOT_FOUND', 404, 'NOT_FOUND'],
    ['CONFLICT', 409, 'CONFLICT'],
    ['IDEMPOTENCY_KEY_IN_USE', 409, 'IDEMPOTENCY_KEY_IN_USE'],
    ['COST_LIMIT', 400, 'COST_LIMIT'],
    ['RATE_LIMITED', 429, 'RATE_LIMITED'],
  ])('%s is a %s', (code, statusCode, name) => {
    expect(told(code)).toEqual({ success: false, error: name, code: name, message: 'Because.', statusCode });
  });

  test('brings the headers that it asks for', () => {
    const extensions = { code: 'SERVICE_UNAVAILABLE', http: { status: 503, headers: { 'Retry-After': '2' } } };
    expect(httpErrorOf([{ message: 'Later.', extensions }]).headers).toEqual({ 'Retry-After': '2' });
  });
});
