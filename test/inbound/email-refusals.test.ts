import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startTestServer, type TestServer } from '../kit/http.js';
import { type MailPost, mail, postMail } from '../kit/mail.js';
import { type Story, tellStory } from '../kit/story.js';

let server: TestServer;
let story: Story;

beforeAll(async () => {
  server = await startTestServer();
  story = await tellStory(server);
});
afterAll(() => server.close());

let count = 0;
/** A mail that was not sent before. */
const anew = (headers: Record<string, string> = {}): string => {
  count += 1;
  return mail({ 'Message-ID': `<${count}@example.com>`, ...headers });
};

const send = (raw: RequestInit['body'], options?: MailPost) => postMail(server, story.desk, raw, options);

describe('a mail is taken in', () => {
  test.each(['message/rfc822', 'message/global', 'text/plain; charset=utf-8', 'application/octet-stream'])(
    'as %s',
    async (contentType) => {
      expect((await send(anew(), { contentType })).status).toBe(201);
    },
  );

  test('without a media type', async () => {
    expect((await send(Buffer.from(anew()), { contentType: null })).status).toBe(201);
  });

  test.each(['email', 'body-mime'])('as the field %s of a form', async (field) => {
    const form = new FormData();
    form.set('headers', 'none');
    form.set(field, anew());
    const { headers } = new Response(form);
    expect(headers.get('content-type')).toMatch(/^multipart\/form-data/);
    const request = new Request('http://form.test', { method: 'POST', body: form });
    const contentType = request.headers.get('content-type');
    expect((await send(Buffer.from(await request.arrayBuffer()), { contentType })).status).toBe(201);
    const encoded = new URLSearchParams({ [field]: anew() });
    const contentTypeOfUrl = 'application/x-www-form-urlencoded';
    expect((await send(encoded.toString(), { contentType: contentTypeOfUrl })).status).toBe(201);
  });

  test('as a file of a form', async () => {
    const form = new FormData();
    form.set('email', new File([anew()], 'mail.eml', { type: 'message/rfc822' }));
    const request = new Request('http://form.test', { method: 'POST', body: form });
    const contentType = request.headers.get('content-type');
    expect((await send(Buffer.from(await request.arrayBuffer()), { contentType })).status).toBe(201);
  });

  test('as a field of JSON', async () => {
    const body = JSON.stringify({ Subject: 'Hi', RawEmail: anew() });
    expect((await send(body, { contentType: 'application/json' })).status).toBe(201);
  });

  test('with the key as the password of the URL', async () => {
    const basic = Buffer.from(`deskgraph:${story.desk.key}`).toString('base64');
    expect((await send(anew(), { authorization: `Basic ${basic}` })).status).toBe(201);
  });
});

describe('a mail is refused', () => {
  const expectRefusal = async (
    status: number,
    code: string,
    raw: RequestInit['body'],
    options?: MailPost,
  ): Promise<void> => {
    const before = await server.database.prisma.message.count({ where: { workspaceId: story.desk.workspaceId } });
    const answer = await send(raw, options);
    expect(answer).toMatchObject({ status, body: { error: { code } } });
    expect(answer.body.error?.message).toMatch(/^[A-Z].{10,}\.$/);
    const after = await server.database.prisma.message.count({ where: { workspaceId: story.desk.workspaceId } });
    expect(after).toBe(before);
  };

  test('without a key, or with one that is none', async () => {
    await expectRefusal(401, 'UNAUTHENTICATED', anew(), { authorization: null });
    await expectRefusal(401, 'UNAUTHENTICATED', anew(), { authorization: 'Bearer ts_sk_live_nonsense' });
    await expectRefusal(401, 'UNAUTHENTICATED', anew(), { authorization: 'Basic nonsense' });
  });

  test('with a key that may not write conversations', async () => {
    const reader = await story.desk.withScopes('conversations:read', 'customers:write');
    expect(await postMail(server, reader, anew())).toMatchObject({
      status: 403,
      body: { error: { code: 'FORBIDDEN', requiredScope: 'conversations:write' } },
    });
  });

  test('that is sent to nobody here, also when another workspace has the address', async () => {
    const other = await server.createDesk();
    await expectRefusal(404, 'NOT_FOUND', anew({ To: 'nobody@desk.test' }));
    expect(await postMail(server, other, anew())).toMatchObject({ status: 404 });
    expect(await postMail(server, other, anew(), { query: `?channel=${story.mailbox.id}` })).toMatchObject({
      status: 404,
    });
  });

  test('without a sender, or when it is no mail at all', async () => {
    await expectRefusal(400, 'BAD_USER_INPUT', anew({ From: '' }));
    await expectRefusal(400, 'BAD_USER_INPUT', anew({ From: 'nobody' }));
    await expectRefusal(400, 'BAD_USER_INPUT', '');
    await expectRefusal(400, 'BAD_USER_INPUT', Buffer.from([0, 255, 10, 0, 13, 10, 128]));
  });

  test('in a form or JSON that holds none', async () => {
    await expectRefusal(400, 'BAD_USER_INPUT', '{"subject":"Hi"}', { contentType: 'application/json' });
    await expectRefusal(400, 'BAD_USER_INPUT', '{', { contentType: 'application/json' });
    await expectRefusal(400, 'BAD_USER_INPUT', 'a=b', { contentType: 'application/x-www-form-urlencoded' });
    await expectRefusal(400, 'BAD_USER_INPUT', 'a=b', { contentType: 'multipart/form-data; boundary=x' });
  });

  test('of another media type, and by another method', async () => {
    await expectRefusal(415, 'UNSUPPORTED_MEDIA_TYPE', anew(), { contentType: 'image/png' });
    await expectRefusal(405, 'METHOD_NOT_ALLOWED', null, { method: 'GET' });
  });

  test('for now, while the database is away', async () => {
    const lonely = await startTestServer({ connection: { host: '127.0.0.1', port: 1, user: 'nobody' } });
    try {
      const answer = await postMail(lonely, story.desk, anew());
      expect(answer).toMatchObject({ status: 503, body: { error: { code: 'UNAVAILABLE' } } });
      expect(answer.headers.get('retry-after')).toBe('2');
    } finally {
      await lonely.close();
    }
  });

  test('with more bytes than are allowed', async () => {
    await expectRefusal(413, 'REQUEST_ENTITY_TOO_LARGE', Buffer.alloc(25 * 1_024 * 1_024 + 1, 'a'));
  });
});
