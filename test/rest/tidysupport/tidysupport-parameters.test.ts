import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { startTestServer, type TestServer } from '../../kit/http.js';
import { anId, aTime, call, expectAnswer, type RestRequest, refused } from '../../kit/rest.js';
import { fillDesk, type Story, tellStory } from '../../kit/story.js';

/** What TidySupport's parameters and fields are when they are left out, and how far they go. */

let server: TestServer;
let story: Story;
let inbox: string;

beforeAll(async () => {
  server = await startTestServer();
});
beforeEach(async () => {
  story = await tellStory(server);
  inbox = `/v1/workspaces/${story.desk.workspaceId}/support/inbox`;
});
afterAll(() => server.close());

const send = (path: string, request?: RestRequest) => call(server, story.desk, path, request);
const post = (path: string, body: unknown) => send(path, { method: 'POST', body });
const put = (path: string, body: unknown) => send(path, { method: 'PUT', body });
const bad = (message: string) => refused(400, 'Bad Request', message);

const most = (length: number) => 'é'.repeat(length);
const nul = 'must not contain a NUL character.';
/** An object in an object, so many in all. */
const nested = (depth: number): object => Array.from({ length: depth - 1 }).reduce<object>((inner) => ({ inner }), {});
const half = 'must not contain half of a surrogate pair.';

describe('a customer', () => {
  test('has nothing but its externalId, and is active, unless said otherwise', async () => {
    expectAnswer(await post('/v1/customers', { externalId: 'usr_1' }), {
      status: 201,
      body: {
        id: anId('ctc'),
        workspaceId: story.desk.workspaceId,
        externalId: 'usr_1',
        email: null,
        name: null,
        status: 'ACTIVE',
        metadata: {},
        createdAt: aTime,
        updatedAt: null,
      },
    });
  });

  test('may be suspended from the start, and be empty where it may be', async () => {
    const body = {
      externalId: 'usr_1',
      email: null,
      name: null,
      status: 'SUSPENDED',
      metadata: { a: null, b: [null] },
    };
    const { status, body: answer } = await post('/v1/customers', body);
    expect({ status, answer }).toMatchObject({
      status: 201,
      answer: { email: null, name: null, status: 'SUSPENDED', metadata: { b: [null] } },
    });
  });

  test('is listed whatever its status, unless one is asked for', async () => {
    await post('/v1/customers', { externalId: 'usr_1', status: 'SUSPENDED' });
    const externalIdsOf = async (query: string) => {
      const { items } = (await send(`/v1/customers${query}`)).body as { items: { externalId: string }[] };
      return items.map(({ externalId }) => externalId);
    };
    expect(await externalIdsOf('')).toEqual(['usr_1', 'usr_jane']);
    expect(await externalIdsOf('?status=SUSPENDED')).toEqual(['usr_1']);
    expect(await externalIdsOf('?status=ACTIVE')).toEqual(['usr_jane']);
  });

  test('takes fields of the greatest length', async () => {
    const email = `${'x'.repeat(60)}@${'y'.repeat(60)}.example.com`;
    const fields = { externalId: most(255), name: most(255), email };
    const { status, body } = await post('/v1/customers', fields);
    expect({ status, body }).toMatchObject({ status: 201, body: fields });
    const { id } = body as { id: string };
    expect(await put(`/v1/customers/${id}`, { name: `  ${most(250)} ` })).toMatchObject({
      status: 200,
      body: { name: most(250) },
    });
    const found = await send(`/v1/customers/lookup?externalId=${encodeURIComponent(most(255))}`);
    expect(found).toMatchObject({ status: 200, body: { id } });
  });

  const tooBig = { metadata: { big: 'x'.repeat(17_000) } };
  test.each([
    [{ externalId: most(256) }, 'externalId must have at most 255 characters.'],
    [{ externalId: 'a\0' }, `externalId ${nul}`],
    [{ externalId: '\ud800' }, `externalId ${half}`],
    [{ name: 5 }, 'name must be a string.'],
    [{ name: most(256) }, 'name must have at most 255 characters.'],
    [{ name: 'a\0' }, `name ${nul}`],
    [{ email: '' }, 'Invalid email address format.'],
    [{ email: `${'x'.repeat(320)}@example.com` }, 'email must have at most 320 characters.'],
    [{ status: 'active' }, 'Invalid status. Must be one of: ACTIVE, SUSPENDED.'],
    [{ metadata: null }, 'metadata must be an object.'],
    [{ metadata: 'x' }, 'metadata must be an object.'],
    [{ metadata: { a: { b: { c: { d: { e: {} } } } } } }, 'metadata must nest at most 5 deep.'],
    [{ metadata: { [most(101)]: 1 } }, 'metadata must have keys of at most 100 characters.'],
    [{ metadata: { 'a\0': 1 } }, 'metadata must not contain a NUL character or half of a surrogate pair.'],
    [{ metadata: nested(29) }, 'metadata must nest at most 5 deep.'],
    [{ metadata: nested(30) }, 'The request body must nest at most 30 deep.'],
    [{ metadata: nested(2_000) }, 'The request body must nest at most 30 deep.'],
    [{ metadata: { a: '\0' } }, 'metadata must not contain a NUL character or half of a surrogate pair.'],
    [tooBig, 'metadata must have at most 16384 bytes as JSON.'],
  ])('is neither created nor changed with %j', async (fields, message) => {
    expectAnswer(await post('/v1/customers', { externalId: 'usr_1', ...fields }), bad(message));
    expectAnswer(await put(`/v1/customers/${story.jane.id}`, fields), bad(message));
    expect((await send(`/v1/customers/${story.jane.id}`)).body).toMatchObject({ updatedAt: null });
  });

  test('cannot be given what another has', async () => {
    const { id } = (await post('/v1/customers', { externalId: 'usr_1' })).body as { id: string };
    const taken = (what: string, holder: string) =>
      refused(409, 'Conflict', `Another customer has this ${what}: ${holder}.`);
    const { jane, omar } = story;
    expectAnswer(await put(`/v1/customers/${id}`, { externalId: 'usr_jane' }), taken('externalId', jane.id));
    expectAnswer(await put(`/v1/customers/${id}`, { email: 'JANE@example.com' }), taken('email', jane.id));
    expectAnswer(await put(`/v1/customers/${id}`, { email: 'omar@example.com' }), taken('email', omar.id));
  });

  test('is looked up by an externalId as it is', async () => {
    for (const [externalId, status] of [
      ['usr_jane', 200],
      ['USR_JANE', 404],
      ['usr%5Fjane', 200],
      ['nobody', 404],
      ['%00', 400],
    ] as const) {
      const answer = await send(`/v1/customers/lookup?externalId=${externalId}`);
      expect({ externalId, status: answer.status }).toEqual({ externalId, status });
    }
  });

  test('is not changed by fields that nobody knows', async () => {
    const odd = { id: 'ctc_other', workspaceId: 'wrk_other', createdAt: null, tags: ['x'], constructor: 1 };
    const before = (await send(`/v1/customers/${story.jane.id}`)).body;
    expectAnswer(await put(`/v1/customers/${story.jane.id}?limit=x`, odd), { status: 200, body: before });
  });
});

describe('a contact', () => {
  test('has no name and no phone unless they are given', async () => {
    for (const [email, rest] of [
      ['a@example.com', {}],
      ['b@example.com', { name: null, phone: null }],
    ] as const) {
      expectAnswer(await post(`${inbox}/contacts`, { email, ...rest }), {
        status: 201,
        body: {
          contact: {
            id: anId('ctc'),
            email,
            name: '',
            phone: null,
            status: 'ACTIVE',
            source: 'API',
            createdAt: aTime,
          },
        },
      });
    }
  });

  test('takes fields of the greatest length', async () => {
    const fields = { email: 'a@example.com', name: most(255), phone: '1'.repeat(64) };
    expect(await post(`${inbox}/contacts`, fields)).toMatchObject({ status: 201, body: { contact: fields } });
  });

  test.each([
    [{ name: most(256) }, 'name must have at most 255 characters.'],
    [{ phone: 5 }, 'phone must be a string.'],
    [{ phone: '\0' }, `phone ${nul}`],
    [{ email: 'a@' }, 'Invalid email address format.'],
    [{ email: ['a@example.com'] }, 'email must be a string.'],
  ])('is not created with %j', async (fields, message) => {
    expectAnswer(await post(`${inbox}/contacts`, { email: 'a@example.com', ...fields }), bad(message));
  });

  test('is shown by each of its statuses and sources', async () => {
    const { workspaceId } = story.desk;
    const where = { workspaceId_id: { workspaceId, id: story.jane.id } };
    for (const source of ['EMAIL', 'CHAT', 'API', 'FORM', 'IMPORT'] as const) {
      await server.database.prisma.customer.update({ where, data: { source, status: 'SUSPENDED' } });
      expect((await send(`${inbox}/contacts/${story.jane.id}`)).body).toMatchObject({
        contact: { status: 'ACTIVE', source },
      });
    }
  });
});

describe('a search', () => {
  test.each([
    [`q=${'x'.repeat(1_001)}`, 'q must have at most 1000 characters.'],
    ['q=a%00', `q ${nul}`],
    ['q=a&q=b', 'q must be given once.'],
    ['q=a&limit=1.5', 'limit must be an integer from 1 to 50.'],
    ['limit=5', 'q is required.'],
  ])('is refused with %s', async (query, message) => {
    expectAnswer(await send(`${inbox}/search?${query}`), bad(message));
  });

  test('has its limit for each type', async () => {
    await fillDesk(server, story.desk, { customers: 3, conversationsEach: 20, messagesEach: 1 });
    const counts = async (query: string) => {
      const { results } = (await send(`${inbox}/search?${query}`)).body as { results: Record<string, unknown[]> };
      return Object.fromEntries(Object.entries(results).map(([type, found]) => [type, found.length]));
    };
    expect(await counts('q=question')).toEqual({ contacts: 0, conversations: 10, messages: 0 });
    expect(await counts('q=question&limit=50')).toEqual({ contacts: 0, conversations: 50, messages: 0 });
    expect(await counts('q=message')).toMatchObject({ messages: 10 });
    expect(await counts('q=message&limit=1')).toMatchObject({ messages: 1 });
  });
});

describe('a conversation', () => {
  const preview = 'Hi Jane';

  test('is started with nothing but an address and a text', async () => {
    const { body } = await post(`${inbox}/conversations`, { email: 'new@example.com', contentText: preview });
    expect(body).toMatchObject({ message: { contentPreview: preview, status: 'SENT' } });
    const { items } = ((await send(`${inbox}/conversations`)).body as { conversations: { items: object[] } })
      .conversations;
    expect(items[0]).toMatchObject({
      status: 'OPEN',
      source: 'EMAIL',
      subject: null,
      isUnread: false,
      lastMessagePreview: preview,
      assignedToId: null,
      contact: { email: 'new@example.com', name: '', avatarUrl: null },
    });
    expect(Object.keys(items[0] ?? {})).toEqual([
      'id',
      'status',
      'source',
      'subject',
      'isUnread',
      'lastMessageAt',
      'lastMessagePreview',
      'assignedToId',
      'channelId',
      'contact',
    ]);
  });

  test('takes fields of the greatest length', async () => {
    const fields = { email: 'new@example.com', name: most(255), subject: most(500), contentText: most(100_000) };
    expect(await post(`${inbox}/conversations`, fields)).toMatchObject({ status: 201 });
    expect((await send(`${inbox}/conversations?limit=1`)).body).toMatchObject({
      conversations: { items: [{ subject: most(500), contact: { name: most(255) } }] },
    });
  });

  test.each([
    [{ subject: 5 }, 'subject must be a string.'],
    [{ subject: 'a\0' }, `subject ${nul}`],
    [{ name: most(256) }, 'name must have at most 255 characters.'],
    [{ contentText: null }, 'contentText must be a string.'],
    [{ contentText: 'a\0' }, `contentText ${nul}`],
    [{ email: null }, 'email must be a string.'],
  ])('is not started with %j', async (fields, message) => {
    const body = { email: 'new@example.com', contentText: preview, ...fields };
    expectAnswer(await post(`${inbox}/conversations`, body), bad(message));
  });

  test('is not assigned to an agent of another workspace', async () => {
    const { ada } = await tellStory(server);
    const path = `${inbox}/conversations/${story.billing.id}/assign`;
    expectAnswer(await put(path, { agentId: ada.id }), refused(404, 'Not Found', 'Agent not found.'));
  });

  test('is shown by each of its sources', async () => {
    const { workspaceId } = story.desk;
    const where = { workspaceId_id: { workspaceId, id: story.billing.id } };
    for (const source of ['EMAIL', 'CHAT', 'FORM', 'API'] as const) {
      await server.database.prisma.conversation.update({ where, data: { source } });
      expect((await send(`${inbox}/conversations`)).body).toMatchObject({ conversations: { items: [{ source }] } });
    }
  });

  test('is listed with parameters given once', async () => {
    for (const path of ['/conversations', '/customers', `/customers/${story.jane.id}/conversations`]) {
      expectAnswer(await send(`${inbox}${path}?limit=1&limit=1`), bad('limit must be given once.'));
      expect((await send(`${inbox}${path}?cursor=`)).status).toBe(200);
    }
    expectAnswer(await send(`${inbox}/conversations?status=OPEN&status=OPEN`), bad('status must be given once.'));
  });
});
