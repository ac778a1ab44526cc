import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { listen, startTestServer, type TestServer } from '../../kit/http.js';
import { eventually, openPostOffice } from '../../kit/post-office.js';
import { anId, aTime, call, expectAnswer, type RestRequest, refused } from '../../kit/rest.js';
import { fillDesk, type Story, tellStory } from '../../kit/story.js';

/** The requests of TidySupport's Contacts and Conversations documents, as they stand there. */

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

const send = (path: string, request?: RestRequest) => call(server, story.desk, `${inbox}${path}`, request);
const put = (path: string, body: unknown) => send(path, { method: 'PUT', body });
const post = (path: string, body: unknown) => send(path, { method: 'POST', body });

const conversationNotFound = refused(404, 'Not Found', 'Conversation not found.');
const contactNotFound = refused(404, 'Not Found', 'Contact not found.');

describe('contacts', () => {
  test('are listed with their latest conversation, the latest message first', async () => {
    const { jane, omar, billing } = story;
    const preview = { lastMessageAt: aTime, lastMessagePreview: 'Why twelve seats?' };
    expectAnswer(await send('/customers?limit=10'), {
      status: 200,
      body: {
        customers: {
          items: [
            {
              contact: { id: jane.id, email: 'jane@example.com', name: 'Jane Doe', avatarUrl: null, ...preview },
              latestThread: { id: billing.id, status: 'OPEN', source: 'EMAIL', ...preview, unreadCount: 1 },
              threadCount: 1,
            },
            {
              contact: {
                id: omar.id,
                email: 'omar@example.com',
                name: '',
                avatarUrl: null,
                lastMessageAt: null,
                lastMessagePreview: null,
              },
              latestThread: null,
              threadCount: 0,
            },
          ],
          cursor: null,
          hasMore: false,
        },
      },
    });
  });

  test('are retrieved in full', async () => {
    await server.services.customers.updateContact(story.desk.operator, { id: story.jane.id, phone: '+1-555-0123' });
    expectAnswer(await send(`/contacts/${story.jane.id}`), {
      status: 200,
      body: {
        contact: {
          id: story.jane.id,
          email: 'jane@example.com',
          name: 'Jane Doe',
          avatarUrl: null,
          phone: '+1-555-0123',
          status: 'ACTIVE',
          source: 'API',
          lastMessageAt: aTime,
          lastMessagePreview: 'Why twelve seats?',
          createdAt: aTime,
        },
      },
    });
    await server.services.customers.archiveContact(story.desk.operator, { id: story.jane.id }, true);
    expect((await send(`/contacts/${story.jane.id}`)).body).toMatchObject({ contact: { status: 'ARCHIVED' } });
    expectAnswer(await send('/contacts/ctc_nobody'), contactNotFound);
    expectAnswer(await send('/contacts/nobody'), contactNotFound);
  });

  test('are created, or found by their address', async () => {
    const body = { email: 'jill@example.com', name: 'Jill Doe', phone: '+1-555-0123' };
    const contact = { ...body, id: anId('ctc'), status: 'ACTIVE', source: 'API', createdAt: aTime };
    expectAnswer(await post('/contacts', body), { status: 201, body: { contact } });
    const again = await post('/contacts', { email: 'JILL@example.com', name: 'Another' });
    expectAnswer(again, { status: 200, body: { contact } });
  });

  test.each([
    [{}, 'email is required.'],
    [{ email: 'nobody' }, 'Invalid email address format.'],
    [{ email: null }, 'email must be a string.'],
    [{ email: 'a@example.com', name: 5 }, 'name must be a string.'],
    [{ email: 'a@example.com', phone: '1'.repeat(65) }, 'phone must have at most 64 characters.'],
  ])('are not created from %j', async (body, message) => {
    expectAnswer(await post('/contacts', body), refused(400, 'Bad Request', message));
  });
});

describe('the search', () => {
  test('answers what it finds by type', async () => {
    const { jane, billing, question } = story;
    expectAnswer(await send('/search?q=jane&limit=5'), {
      status: 200,
      body: {
        results: {
          contacts: [{ id: jane.id, email: 'jane@example.com', name: 'Jane Doe' }],
          // By the name of its contact.
          conversations: [{ id: billing.id, subject: 'Billing question', lastMessagePreview: 'Why twelve seats?' }],
          messages: [],
        },
      },
    });
    expectAnswer(await send('/search?q=seats'), {
      status: 200,
      body: {
        results: {
          contacts: [],
          conversations: [{ id: billing.id, subject: 'Billing question', lastMessagePreview: 'Why twelve seats?' }],
          messages: [{ id: question.id, conversationId: billing.id, contentPreview: 'Why twelve seats?' }],
        },
      },
    });
  });

  test('answers 10 of a type unless limit says otherwise', async () => {
    await fillDesk(server, story.desk, { customers: 60 });
    const found = async (rest: string) =>
      ((await send(`/search?q=example${rest}`)).body as { results: { contacts: unknown[] } }).results.contacts.length;
    expect(await found('')).toBe(10);
    expect(await found('&limit=1')).toBe(1);
    expect(await found('&limit=50')).toBe(50);
  });

  test.each([
    ['', 'q is required.'],
    ['?q=a&limit=0', 'limit must be an integer from 1 to 50.'],
    ['?q=a&limit=51', 'limit must be an integer from 1 to 50.'],
  ])('refuses %j', async (rest, message) => {
    expectAnswer(await send(`/search${rest}`), refused(400, 'Bad Request', message));
  });

  test.each(['', '!!', '@', '%F0%9F%A6%84'])('finds nothing for %j, without a word', async (query) => {
    const results = { contacts: [], conversations: [], messages: [] };
    expectAnswer(await send(`/search?q=${query}`), { status: 200, body: { results } });
  });
});

describe('conversations', () => {
  const listed = () => ({
    id: story.billing.id,
    status: 'OPEN',
    source: 'EMAIL',
    subject: 'Billing question',
    lastMessageAt: aTime,
    lastMessagePreview: 'Why twelve seats?',
    assignedToId: null,
  });

  test('are listed by status', async () => {
    const item = {
      ...listed(),
      isUnread: true,
      channelId: story.mailbox.id,
      contact: { id: story.jane.id, email: 'jane@example.com', name: 'Jane Doe', avatarUrl: null },
    };
    const page = { conversations: { items: [item], cursor: null, hasMore: false } };
    const none = { conversations: { items: [], cursor: null, hasMore: false } };
    expectAnswer(await send('/conversations?status=OPEN&limit=20'), { status: 200, body: page });
    expectAnswer(await send('/conversations'), { status: 200, body: page });
    expectAnswer(await send('/conversations?status=CLOSED'), { status: 200, body: none });
    await put(`/conversations/${story.billing.id}/status`, { status: 'ARCHIVED' });
    expectAnswer(await send('/conversations'), { status: 200, body: none });
    expect((await send('/conversations?status=ARCHIVED')).body).toMatchObject({
      conversations: { items: [{ id: story.billing.id, status: 'ARCHIVED' }] },
    });
  });

  test('of a contact are listed, archived ones too', async () => {
    await put(`/conversations/${story.billing.id}/status`, { status: 'ARCHIVED' });
    await put(`/conversations/${story.billing.id}/assign`, { agentId: story.ada.id });
    expectAnswer(await send(`/customers/${story.jane.id}/conversations`), {
      status: 200,
      body: {
        conversations: {
          items: [{ ...listed(), status: 'ARCHIVED', assignedToId: story.ada.id }],
          cursor: null,
          hasMore: false,
        },
      },
    });
    expectAnswer(await send('/customers/ctc_nobody/conversations'), contactNotFound);
    expectAnswer(await send('/customers/nobody/conversations'), contactNotFound);
  });

  test('are started, and their first message is mailed', async () => {
    const { status, body } = await post('/conversations', {
      email: 'jane@example.com',
      name: 'Jane Doe',
      subject: 'Following up on your request',
      contentText: 'Hi Jane, I wanted to follow up on your recent support request...',
    });
    expectAnswer(
      { status, body, headers: new Headers() },
      {
        status: 201,
        body: {
          conversation: { id: anId('thd') },
          contact: { id: story.jane.id },
          message: {
            id: anId('msg'),
            contentPreview: 'Hi Jane, I wanted to follow up on your recent support request...',
            status: 'SENT',
          },
        },
      },
    );
    const { id } = (body as { conversation: { id: string } }).conversation;
    expect((await send('/conversations')).body).toMatchObject({
      conversations: { items: [{ id, source: 'EMAIL', subject: 'Following up on your request', isUnread: false }, {}] },
    });
  });

  test('change their status', async () => {
    const path = `/conversations/${story.billing.id}/status`;
    for (const status of ['CLOSED', 'ARCHIVED', 'OPEN', 'OPEN']) {
      const body = { conversation: { id: story.billing.id, status } };
      expectAnswer(await put(path, { status }), { status: 200, body });
    }
  });

  test('are assigned and unassigned', async () => {
    const { billing, ada, carl } = story;
    const path = `/conversations/${billing.id}/assign`;
    const assigned = (id: string | null) => ({
      status: 200,
      body: { conversation: { id: billing.id, assignedToAgentId: id } },
    });
    expectAnswer(await put(path, { agentId: ada.id }), assigned(ada.id));
    expectAnswer(await put(path, { agentId: null }), assigned(null));
    expectAnswer(await put(path, { agentId: 'agt_nobody' }), refused(404, 'Not Found', 'Agent not found.'));
    expectAnswer(await put(path, { agentId: carl.id }), refused(404, 'Not Found', 'Agent not found.'));
    expectAnswer(await put(path, {}), refused(400, 'Bad Request', 'agentId is required.'));
    const notAnId = 'agentId must be the ID of an agent, or null.';
    expectAnswer(await put(path, { agentId: 'ada' }), refused(400, 'Bad Request', notAnId));
  });

  const invalidStatus = 'Invalid status. Must be one of: OPEN, CLOSED, ARCHIVED.';
  test.each([{}, { status: null }, { status: 'open' }, { status: 5 }])('take no status from %j', async (body) => {
    const path = `/conversations/${story.billing.id}/status`;
    expectAnswer(await put(path, body), refused(400, 'Bad Request', invalidStatus));
  });

  test('that are not there, or of another workspace, are not found', async () => {
    const other = await tellStory(server);
    for (const id of ['thd_nobody', 'nobody', other.billing.id]) {
      expectAnswer(await put(`/conversations/${id}/status`, { status: 'OPEN' }), conversationNotFound);
      expectAnswer(await put(`/conversations/${id}/assign`, { agentId: null }), conversationNotFound);
    }
    expectAnswer(await send(`/contacts/${other.jane.id}`), contactNotFound);
    expectAnswer(await send(`/customers/${other.jane.id}/conversations`), contactNotFound);
  });

  test.each([
    [{ contentText: 'Hi' }, 'email is required.'],
    [{ email: 'nobody', contentText: 'Hi' }, 'Invalid email address format.'],
    [{ email: 'a@example.com' }, 'contentText is required.'],
    [{ email: 'a@example.com', contentText: '  ' }, 'contentText must not be empty.'],
    [{ email: 'a@example.com', contentText: 'x'.repeat(100_001) }, 'contentText must have at most 100000 characters.'],
    [
      { email: 'a@example.com', contentText: 'Hi', subject: 'x'.repeat(501) },
      'subject must have at most 500 characters.',
    ],
    [{ email: 'a@example.com', contentText: 'Hi', name: 5 }, 'name must be a string.'],
  ])('are not started from a bad body', async (body, message) => {
    expectAnswer(await post('/conversations', body), refused(400, 'Bad Request', message));
  });
});

describe('each list', () => {
  const lists = [
    ['/customers', 'customers'],
    ['/conversations', 'conversations'],
    ['/customers/ctc_0000/conversations', 'conversations'],
  ] as const;
  type Page = { items: object[]; cursor: string | null; hasMore: boolean };

  test.each(lists)('goes on from its cursor, 20 at a time: %s', async (path, name) => {
    const customers = path === '/customers' ? 25 : 1;
    await fillDesk(server, story.desk, { customers, conversationsEach: path === '/customers' ? 1 : 25 });
    const pageOf = async (rest: string) => ((await send(`${path}${rest}`)).body as Record<string, Page>)[name];
    const first = await pageOf('');
    expect(first).toMatchObject({ hasMore: true, cursor: expect.any(String) });
    expect(first?.items).toHaveLength(20);
    const second = await pageOf(`?cursor=${encodeURIComponent(first?.cursor ?? '')}`);
    expect(second).toMatchObject({ hasMore: false, cursor: null });
    const all = await pageOf('?limit=100');
    expect([...(first?.items ?? []), ...(second?.items ?? [])]).toEqual(all?.items);
    expect((await pageOf('?limit=1'))?.items).toHaveLength(1);
  });

  test.each(lists)('refuses a bad limit, cursor and status: %s', async (path, name) => {
    await fillDesk(server, story.desk, { customers: 1 });
    for (const limit of ['0', '101', '-1', 'x']) {
      const message = 'limit must be an integer from 1 to 100.';
      expectAnswer(await send(`${path}?limit=${limit}`), refused(400, 'Bad Request', message));
    }
    expectAnswer(await send(`${path}?cursor=x`), refused(400, 'Bad Request', 'Invalid cursor.'));
    if (path !== `/${name}` || name !== 'conversations') return;
    const message = 'Invalid status. Must be one of: OPEN, CLOSED, ARCHIVED.';
    expectAnswer(await send(`${path}?status=open`), refused(400, 'Bad Request', message));
  });
});

test('another workspace in the path is as one that does not exist', async () => {
  const other = await tellStory(server);
  const notThere = refused(404, 'Not Found', 'Workspace not found.');
  for (const id of [other.desk.workspaceId, 'wrk_nobody']) {
    const path = `/v1/workspaces/${id}/support/inbox`;
    expectAnswer(await call(server, story.desk, `${path}/customers`), notThere);
    expectAnswer(await call(server, story.desk, `${path}/contacts/${other.jane.id}`), notThere);
    const body = { email: 'new@example.com' };
    expectAnswer(await call(server, story.desk, `${path}/contacts`, { method: 'POST', body }), notThere);
  }
});

test('keys of agents serve as well, and a key without a scope is refused', async () => {
  const { workspaceId } = story.desk;
  const { key } = await server.services.apiKeys.create({ workspaceId, kind: 'USER', agentId: story.ada.id });
  expect(await send('/customers', { key })).toMatchObject({ status: 200 });
  expect(await send('/conversations', { key })).toMatchObject({ status: 200 });
  const { key: narrow } = await story.desk.withScopes('customers:read');
  expect(await send('/customers/ctc_nobody', { key: narrow })).toMatchObject({ status: 404 });
  expectAnswer(
    await send('/conversations', { key: narrow }),
    refused(403, 'Forbidden', 'This key lacks the scope conversations:read.'),
  );
});

test('the mail of an outbound conversation goes out', async () => {
  const outbox = mkdtempSync(join(tmpdir(), 'deskgraph-rest-'));
  const office = await listen(await openPostOffice({ outbox }));
  try {
    const { desk } = await tellStory(office);
    const path = `/v1/workspaces/${desk.workspaceId}/support/inbox/conversations`;
    const body = { email: 'new@example.com', name: 'New', subject: 'Following up', contentText: 'Hi there.' };
    expect(await call(office, desk, path, { method: 'POST', body })).toMatchObject({ status: 201 });
    await eventually(() => expect(readdirSync(outbox).filter((file) => file.endsWith('.eml'))).toHaveLength(1));
    const [file = ''] = readdirSync(outbox);
    const letter = readFileSync(join(outbox, file), 'utf8');
    expect(letter).toMatch(/^To: .*new@example\.com/m);
    expect(letter).toMatch(/^Subject: Following up/m);
    expect(letter).toContain('Hi there.');
  } finally {
    await office.close();
    rmSync(outbox, { recursive: true });
  }
});

test('a message that still waits for the mail server is answered as the document has it', async () => {
  // No queue runs, so that it waits for ever.
  const office = await startTestServer({ mail: { smtpUrl: 'smtp://127.0.0.1:1', outbox: '/dev/null/no-outbox' } });
  try {
    const { desk } = await tellStory(office);
    const path = `/v1/workspaces/${desk.workspaceId}/support/inbox/conversations`;
    const body = { email: 'new@example.com', subject: 'Following up', contentText: 'Hi there.' };
    const answer = await call(office, desk, path, { method: 'POST', body });
    expect(answer).toMatchObject({ status: 201, body: { message: { status: 'SENT' } } });
    const { message } = answer.body as { message: { id: string } };
    const where = { workspaceId_id: { workspaceId: desk.workspaceId, id: message.id } };
    expect(await office.database.prisma.message.findUnique({ where })).toMatchObject({ status: 'QUEUED' });
  } finally {
    await office.close();
  }
});
