import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Desk } from '../../kit/app.js';
import { withoutRestoring } from '../../kit/clock.js';
import { expectCstar } from '../../kit/cstar.js';
import { startTestServer, type TestServer } from '../../kit/http.js';
import { call, type RestRequest } from '../../kit/rest.js';

/** How cStar's endpoints say no: one form, a type and a code for programs, and what it is about. */

let server: TestServer;
let desk: Desk;
let customers: string;

beforeAll(async () => {
  server = await withoutRestoring(startTestServer);
  desk = await server.createDesk();
  customers = `/api/v1/teams/${desk.workspaceId}/customers`;
});
afterAll(() => server.close());

const send = (path: string, request?: RestRequest) => call(server, desk, `${customers}${path}`, request);
const refused = (status: number, type: string, code: string, message: string, param: string | null = null) => ({
  status,
  body: { success: false, error: { type, code, message, param } },
});
const invalid = (message: string, param: string | null) =>
  refused(400, 'invalid_request_error', 'parameter_invalid', message, param);
const missing = (param: string, message = `${param} is required.`) =>
  refused(400, 'invalid_request_error', 'parameter_missing', message, param);

describe('a parameter that cannot be used', () => {
  const page = 'page must be an integer from 1 to 999999999.';
  const pageSize = 'pageSize must be an integer from 1 to 100.';
  const status = 'Invalid status. Must be one of: active, inactive.';
  const sentiment = 'Invalid sentiment. Must be one of: happy, neutral, frustrated, angry.';
  test.each([
    ['page=0', page, 'page'],
    ['page=-1', page, 'page'],
    ['page=1000000000', page, 'page'],
    ['page=1.5', page, 'page'],
    ['page=one', page, 'page'],
    ['page=99999999999999999999', page, 'page'],
    ['pageSize=0', pageSize, 'pageSize'],
    ['pageSize=101', pageSize, 'pageSize'],
    ['pageSize=ten', pageSize, 'pageSize'],
    ['page=1&page=2', 'page must be given once.', 'page'],
    ['status=ACTIVE', status, 'status'],
    ['sentiment=sad', sentiment, 'sentiment'],
    ['sentiment=Happy', sentiment, 'sentiment'],
    [`search=${'x'.repeat(1_001)}`, 'search must have at most 1000 characters.', 'search'],
    ['search=a%00', 'search must not contain a NUL character.', 'search'],
  ])('is refused: %s', async (query, message, param) => {
    expectCstar(await send(`?${query}`), invalid(message, param));
  });
});

describe('a body that cannot be used', () => {
  const status = 'Invalid status. Must be one of: active, inactive.';
  const sentiment = 'Invalid sentiment. Must be one of: happy, neutral, frustrated, angry.';
  const wrong: [object, string, string][] = [
    [{ name: 5 }, 'name must be a string.', 'name'],
    [{ name: ' ' }, 'name must not be empty.', 'name'],
    [{ name: 'x'.repeat(256) }, 'name must have at most 255 characters.', 'name'],
    [{ name: 'a\0' }, 'name must not contain a NUL character.', 'name'],
    [{ email: 'nobody' }, 'Invalid email address format.', 'email'],
    [{ status: 'ACTIVE' }, status, 'status'],
    [{ status: null }, status, 'status'],
    [{ sentiment: 'sad' }, sentiment, 'sentiment'],
    [{ sentiment: null }, sentiment, 'sentiment'],
    [{ tags: 'vip' }, 'tags must be a list.', 'tags'],
    [{ tags: null }, 'tags must be a list.', 'tags'],
    [{ tags: [5] }, 'tags.0 must be a string.', 'tags.0'],
    [{ tags: ['a', ''] }, 'tags.1 must not be empty.', 'tags.1'],
    [{ tags: ['x'.repeat(65)] }, 'tags.0 must have at most 64 characters.', 'tags.0'],
    [{ tags: Array.from({ length: 51 }, (_, n) => `${n}`) }, 'tags must have at most 50 entries.', 'tags'],
    [{ notes: 5 }, 'notes must be a string.', 'notes'],
    [{ notes: 'x'.repeat(10_001) }, 'notes must have at most 10000 characters.', 'notes'],
    [{ customFields: [] }, 'customFields must be an object.', 'customFields'],
    [{ customFields: null }, 'customFields must be an object.', 'customFields'],
    [
      { customFields: { ['x'.repeat(101)]: 1 } },
      'customFields must have keys of at most 100 characters.',
      'customFields',
    ],
    [
      { customFields: { big: 'x'.repeat(17_000) } },
      'customFields must have at most 16384 bytes as JSON.',
      'customFields',
    ],
  ];
  const whole = { name: 'Jane', email: 'wrong@example.com' };

  test.each(wrong)('is refused by POST and PATCH: %j', async (fields, message, param) => {
    expectCstar(await send('', { method: 'POST', body: { ...whole, ...fields } }), invalid(message, param));
    const { customer } = await server.services.customers.upsert(desk.operator, { externalId: 'usr_patched' });
    const path = `/${customer.uuid}`;
    expectCstar(await send(path, { method: 'PATCH', body: fields }), invalid(message, param));
    const after = await server.services.customers.get(desk.operator, { id: customer.id });
    expect(after?.version).toBe(customer.version);
  });

  test('is refused by POST without a name or an address', async () => {
    const post = (body: unknown) => send('', { method: 'POST', body });
    expectCstar(await post({ email: 'a@example.com' }), missing('name'));
    expectCstar(await post({ name: 'Jane' }), missing('email'));
    expectCstar(await post({ ...whole, name: null }), invalid('name must be a string.', 'name'));
    expectCstar(await post({ ...whole, email: null }), invalid('email must be a string.', 'email'));
  });

  test.each(['{', '{"name": "x"', 'null x', '\u0000'])('is refused when it is no JSON: %j', async (body) => {
    const headers = { 'content-type': 'application/json' };
    const answer = await send('', { method: 'POST', body, headers });
    expectCstar(answer, invalid('The request body is not valid JSON.', null));
  });

  test.each([[[]], ['"text"'], ['5'], ['null'], ['true']])('is refused when it is no object: %j', async (body) => {
    expectCstar(await send('', { method: 'POST', body }), invalid('The request body must be a JSON object.', null));
  });

  test('is refused when it is too large', async () => {
    const answer = await send('', { method: 'POST', body: { ...whole, notes: 'x'.repeat(4 * 1_024 * 1_024) } });
    const message = 'The request body must have at most 4194304 bytes.';
    expectCstar(answer, refused(413, 'invalid_request_error', 'request_too_large', message));
  });

  test.each([
    'text/plain',
    'application/x-www-form-urlencoded',
    'multipart/form-data; boundary=x',
    'application/jsonp',
  ])('is refused when it is sent as %s', async (type) => {
    const headers = { 'content-type': type };
    const answer = await send('', { method: 'POST', body: JSON.stringify(whole), headers });
    const message = 'The request body must be sent as application/json.';
    expectCstar(answer, refused(415, 'invalid_request_error', 'unsupported_media_type', message));
  });
});

describe('a path', () => {
  test('that no route has is a 404', async () => {
    for (const path of ['/api/v1', '/api/v1/teams', '/api/v1/nothing', `${customers}/x/y`]) {
      const answer = await call(server, desk, path, { key: null });
      expectCstar(answer, refused(404, 'not_found_error', 'resource_not_found', `Cannot GET ${path}`));
    }
  });

  test('with another method is a 405 that names those that there are', async () => {
    const put = await send('', { method: 'PUT', body: {} });
    const message = 'Method PUT is not allowed here.';
    expectCstar(put, refused(405, 'invalid_request_error', 'method_not_allowed', message));
    expect(put.headers.get('allow')).toBe('GET, HEAD, POST');
    const ofOne = await send('/00000000-0000-4000-8000-000000000000', { method: 'POST', body: {} });
    expect(ofOne.headers.get('allow')).toBe('GET, HEAD, PATCH, DELETE');
  });

  test('with an id of another form names nobody', async () => {
    const notFound = refused(404, 'not_found_error', 'resource_not_found', 'Customer not found.', 'customerId');
    for (const id of ['7', 'thd_xyz789', 'ctc_', '%20', 'Q3VzdG9tZXI6Y3RjXzE', '550e8400', 'usr_1', '%00', 'CTC_1']) {
      for (const method of ['GET', 'PATCH', 'DELETE']) {
        const body = method === 'PATCH' ? {} : undefined;
        expectCstar(await send(`/${id}`, { method, body }), notFound);
      }
    }
  });
});

describe('a key', () => {
  const invalidKey = 'Invalid API key. Please double-check and try again.';

  test('that opens nothing is a 401, before anything else is looked at', async () => {
    for (const [key, code, message] of [
      [null, 'authentication_required', 'An API key is required: Authorization: Bearer YOUR_API_KEY.'],
      ['sk_live_xxx', 'invalid_api_key', invalidKey],
      [`${desk.key}x`, 'invalid_api_key', invalidKey],
    ] as const) {
      for (const request of [{}, { method: 'POST', body: '{' }]) {
        const answer = await send('', { ...request, key });
        expectCstar(answer, refused(401, 'authentication_error', code, message));
        expect(answer.headers.get('www-authenticate')).toBe('Bearer');
      }
    }
    expect((await call(server, desk, '/api/v1/teams/x/customers', { key: null })).status).toBe(401);
  });

  test('of either format opens its team', async () => {
    const { workspaceId } = desk;
    for (const format of ['sk_live', 'ts_sk_live'] as const) {
      const { key } = await server.services.apiKeys.create({ workspaceId, kind: 'API_USER', format });
      expect(await send('', { key })).toMatchObject({ status: 200 });
    }
  });

  test('without the scope of the graph is a 403', async () => {
    const lacks = (scope: string) =>
      refused(403, 'authentication_error', 'insufficient_permissions', `This key lacks the scope ${scope}.`);
    const { key: reader } = await desk.withScopes('customers:read');
    const { key: stranger } = await desk.withScopes('conversations:read');
    const { customer } = await server.services.customers.upsert(desk.operator, { externalId: 'usr_scoped' });
    const one = `/${customer.uuid}`;
    expect(await send(one, { key: reader })).toMatchObject({ status: 200 });
    const body = { name: 'Jane', email: 'scoped@example.com' };
    for (const [path, method] of [
      ['', 'POST'],
      [one, 'PATCH'],
      [one, 'DELETE'],
    ] as const) {
      const answer = await send(path, { key: reader, method, ...(method !== 'DELETE' && { body }) });
      expectCstar(answer, lacks('customers:write'));
    }
    expectCstar(await send('', { key: stranger }), lacks('customers:read'));
    expectCstar(await send(one, { key: stranger }), lacks('customers:read'));
  });

  test('that has spent its points is a 429', async () => {
    const { workspaceId } = desk;
    const limits = { rateCapacity: 30, rateRestore: 1 };
    const { key } = await server.services.apiKeys.create({ workspaceId, kind: 'API_USER', limits });
    expect(await send('?pageSize=1', { key })).toMatchObject({ status: 200 });
    const spent = await send('?pageSize=100', { key });
    expect(spent).toMatchObject({
      status: 429,
      body: { success: false, error: { type: 'rate_limit_error', code: 'rate_limit_exceeded', param: null } },
    });
    expect(Number(spent.headers.get('retry-after'))).toBeGreaterThan(0);
  });

  test('that asks for more than it may at once is a 400', async () => {
    const { workspaceId } = desk;
    const { key } = await server.services.apiKeys.create({ workspaceId, kind: 'API_USER', limits: { maxCost: 50 } });
    expect(await send('?pageSize=10', { key })).toMatchObject({ status: 200 });
    expect(await send('?pageSize=100', { key })).toMatchObject({
      status: 400,
      body: { success: false, error: { type: 'invalid_request_error', code: 'request_too_costly', param: null } },
    });
  });
});
