import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { startTestServer, type TestServer } from '../kit/http.js';
import { call } from '../kit/rest.js';
import { type Story, tellStory } from '../kit/story.js';

/** What the documents leave open, and their clients send. */

let server: TestServer;
let story: Story;

beforeAll(async () => {
  server = await startTestServer();
});
beforeEach(async () => {
  story = await tellStory(server);
});
afterAll(() => server.close());

const send = (path: string, options?: Parameters<typeof call>[3]) => call(server, story.desk, path, options);
const inbox = () => `/v1/workspaces/${story.desk.workspaceId}/support/inbox`;

describe('an empty text is none', () => {
  test('for the name and phone of a contact, and the name and subject of a conversation', async () => {
    const made = await send(`${inbox()}/contacts`, {
      method: 'POST',
      body: { email: 'new@example.com', name: '', phone: ' ' },
    });
    expect(made).toMatchObject({ status: 201, body: { contact: { name: '', phone: null } } });
    const body = { email: 'new@example.com', name: '', subject: '', contentText: 'Hello' };
    expect((await send(`${inbox()}/conversations`, { method: 'POST', body })).status).toBe(201);
    expect(await send(`${inbox()}/conversations?limit=1`)).toMatchObject({
      body: { conversations: { items: [{ subject: null }] } },
    });
  });

  test('for the name of a customer', async () => {
    const body = { externalId: 'usr_new', name: '' };
    expect(await send('/v1/customers', { method: 'POST', body })).toMatchObject({ status: 201, body: { name: null } });
    const changed = await send('/customers/ext_usr_jane', { method: 'PATCH', body: { name: '', phone: '' } });
    expect(changed).toMatchObject({ status: 200, body: { data: { name: null, phone: null } } });
  });

  test.each([
    '/v1/customers?status=&limit=&cursor=',
    '/customers?search=&page=&sortOrder=',
    '/customers/cohorts?group_by=&start=',
  ])('for the parameters of %s', async (path) => {
    expect((await send(path)).status).toBe(200);
  });

  test('but not for one that must be there', async () => {
    expect(await send('/v1/customers/lookup?externalId=')).toMatchObject({
      status: 400,
      body: { message: 'externalId must not be empty.' },
    });
  });
});

test.each(['/v1/customers/', '/health/', '/customers//', '/v1/customers/?limit=1', '/openapi.json/'])(
  'a slash at the end says nothing: %s',
  async (path) => {
    expect((await send(path)).status).toBe(200);
  },
);

describe('a body that is not there says nothing', () => {
  test.each([
    ['without a type', {}],
    ['with one', { 'content-type': 'application/json' }],
  ])('%s', async (_name, headers) => {
    const { desk, billing, jane } = story;
    const asked = (path: string, method: string) => send(path, { method, headers });
    const unchanged = await asked(`/v1/customers/${jane.id}`, 'PUT');
    expect(unchanged).toMatchObject({ status: 200, body: { id: jane.id, name: 'Jane Doe', updatedAt: null } });
    expect((await asked(`/api/v1/teams/${desk.workspaceId}/customers/${jane.uuid}`, 'PATCH')).status).toBe(200);
    expect((await asked('/customers/ext_usr_jane', 'PATCH')).status).toBe(200);
    for (const [method, path, message] of [
      ['POST', '/v1/customers', 'externalId is required.'],
      ['POST', `${inbox()}/contacts`, 'email is required.'],
      ['POST', '/customers', 'externalId is required.'],
      [
        'PUT',
        `${inbox()}/conversations/${billing.id}/status`,
        'Invalid status. Must be one of: OPEN, CLOSED, ARCHIVED.',
      ],
      ['PUT', `${inbox()}/conversations/${billing.id}/assign`, 'agentId is required.'],
    ] as const) {
      expect([path, await asked(path, method)]).toMatchObject([path, { status: 400, body: { message } }]);
    }
    expect(await asked(`/api/v1/teams/${desk.workspaceId}/customers`, 'POST')).toMatchObject({
      status: 400,
      body: { error: { code: 'parameter_missing', param: 'name' } },
    });
  });
});

describe('a parameter', () => {
  test.each(['', '%5B%5D', '[]', '[0]', '[eq]'])('is one value: status%s', async (brackets) => {
    const answer = await send(`/v1/customers?status${brackets}=SUSPENDED`);
    if (brackets === '') return expect(answer).toMatchObject({ status: 200, body: { items: [] } });
    expect(answer).toMatchObject({ status: 400, body: { message: 'status must be one value, without brackets.' } });
  });

  test('that is not known is ignored, given once or more often', async () => {
    for (const query of ['a=1', 'a=1&a=2', 'a[]=1&a[]=2', 'toString=1', '__proto__=1']) {
      expect([query, (await send(`/v1/customers?${query}`)).status]).toEqual([query, 200]);
    }
  });
});

describe('JSON that would not be kept is refused by name', () => {
  test.each([
    [
      '{"externalId":"a","metadata":{"n":12345678901234567890}}',
      'metadata.n must be a number that a double holds exactly; send others as a string.',
    ],
    ['{"externalId":"a","metadata":{"a":1,"__proto__":{"b":1}}}', 'metadata must not have the key __proto__.'],
  ])('%s', async (body, message) => {
    expect(await send('/v1/customers', { method: 'POST', body })).toMatchObject({ status: 400, body: { message } });
  });
});

test('a cursor of another list is none, in the words for one that was made up', async () => {
  const { body } = await send(`${inbox()}/customers?limit=1`);
  const { cursor } = (body as { customers: { cursor: string } }).customers;
  for (const path of ['/v1/customers', `${inbox()}/conversations`, '/customers/ext_usr_jane/journey']) {
    const answer = await send(`${path}?cursor=${encodeURIComponent(cursor)}`);
    expect([path, answer.status, answer.body]).toEqual([
      path,
      400,
      expect.objectContaining({ message: 'Invalid cursor.' }),
    ]);
  }
});

test('what is neither true nor false is refused by name', async () => {
  const { desk, billing } = story;
  const ticket = `/api/v1/teams/${desk.workspaceId}/tickets/${billing.id}/messages`;
  for (const [path, body] of [
    [`${inbox()}/conversations/${billing.id}/messages`, { contentText: 'x', isInternal: 'yes' }],
    [ticket, { content: 'x', isInternal: 1 }],
  ] as const) {
    const answer = await send(path, { method: 'POST', body });
    expect([answer.status, JSON.stringify(answer.body)]).toEqual([
      400,
      expect.stringContaining('isInternal must be true or false.'),
    ]);
  }
});

describe('the inbox lists all contacts', () => {
  type Item = { contact: { id: string }; latestThread: { id: string; status: string } | null; threadCount: number };
  const items = async () =>
    ((await send(`${inbox()}/customers`)).body as { customers: { items: Item[] } }).customers.items;

  test('archived ones too, and never none of their conversations', async () => {
    const { desk, omar, billing } = story;
    await server.services.customers.archiveContact(desk.operator, { id: omar.id }, true);
    await server.services.conversations.setStatus(desk.operator, { id: billing.id, status: 'ARCHIVED' });
    expect(await items()).toMatchObject([
      { contact: { id: story.jane.id }, latestThread: { id: billing.id, status: 'ARCHIVED' }, threadCount: 1 },
      { contact: { id: omar.id }, latestThread: null, threadCount: 0 },
    ]);
  });

  test('and one whom the team writes to is not archived any more', async () => {
    const { desk, omar } = story;
    await server.services.customers.archiveContact(desk.operator, { id: omar.id }, true);
    const body = { email: 'omar@example.com', contentText: 'Hello again' };
    expect((await send(`${inbox()}/conversations`, { method: 'POST', body })).status).toBe(201);
    expect(await send(`${inbox()}/contacts/${omar.id}`)).toMatchObject({ body: { contact: { status: 'ACTIVE' } } });
  });
});

describe('Linquid', () => {
  test('the feature comes before whatever else is wrong', async () => {
    const desk = await server.createDesk('Without', { entitlements: [] });
    for (const [path, method, body] of [
      ['/customers?page=x', 'GET', undefined],
      ['/customers/nonsense', 'GET', undefined],
      ['/customers', 'POST', 'no json'],
      ['/api/customers/ext_x', 'PATCH', { email: 'none' }],
      ['/customers/cohorts?group_by=day', 'GET', undefined],
      ['/customers/ext_x/journey?cursor=x', 'GET', undefined],
    ] as const) {
      const answer = await call(server, desk, path, { method, body });
      expect([path, answer.status, (answer.body as { code: string }).code]).toEqual([
        path,
        403,
        'ENTITLEMENT_REQUIRED',
      ]);
    }
  });

  test('search finds any part of what names a customer', async () => {
    const { desk } = story;
    await server.services.customers.upsert(desk.operator, {
      externalId: 'usr_01J8X3Y',
      name: 'Zoë Quinn',
      email: 'zoe.q@example.com',
      phone: '+1-415-777-0288',
    });
    const found = async (search: string) => {
      const { body } = await send(`/customers?search=${encodeURIComponent(search)}`);
      return (body as { data: { externalId: string }[] }).data.map(({ externalId }) => externalId);
    };
    for (const part of ['J8X3', 'usr_01', '777-0288', 'uinn', 'ZOE', 'zoe q', 'q@exam', '01J8X3Y quinn'])
      expect([part, await found(part)]).toEqual([part, ['usr_01J8X3Y']]);
    for (const sign of ['@', '%', '_', 'sr%01', 'zoe nobody', '🦄'])
      expect([sign, await found(sign)]).toEqual([sign, []]);
  });
});
