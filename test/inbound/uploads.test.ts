import { randomBytes } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { defaultLimits } from '../../src/lib/http/limits.js';
import { directoryStorage } from '../../src/lib/storage/directory.js';
import { parseMail } from '../../src/modules/email/inbound/reading/inbound-email.parse.js';
import { graphql } from '../generated/gql.js';
import type { Desk } from '../kit/app.js';
import { listen, type TestServer } from '../kit/http.js';
import { multipart } from '../kit/mail.js';
import { eventually, type MailServer, openPostOffice, startMailServer } from '../kit/post-office.js';
import { temporaryDirectory } from '../kit/temporary.js';

/** Files that are uploaded go out with messages. */

let server: TestServer;
let desk: Desk;
let mailServer: MailServer;
let directory: string;
const maxUploadBytes = 200_000;

beforeAll(async () => {
  directory = await temporaryDirectory();
  mailServer = await startMailServer();
  const mail = { smtpUrl: mailServer.url, outbox: join(directory, 'outbox'), from: 'support@desk.test' };
  const files = { storage: directoryStorage(join(directory, 'files')) };
  server = await listen(await openPostOffice(mail, { files, limits: { ...defaultLimits, maxUploadBytes } }));
  desk = await server.createDesk();
});
afterAll(async () => {
  await server.close();
  await mailServer.close();
  await rm(directory, { recursive: true });
});

interface Uploaded {
  status: number;
  body: {
    attachments: { id: string; fileName: string; contentType: string; sizeBytes: number; expiresAt: string }[];
    error?: { code: string };
  };
}

async function upload(body: RequestInit['body'], headers: Record<string, string> = {}, query = ''): Promise<Uploaded> {
  const response = await fetch(`${server.origin}/attachments${query}`, {
    method: 'POST',
    headers: { authorization: `Bearer ${desk.key}`, ...headers },
    ...(body != null && { body }),
  });
  return { status: response.status, body: (await response.json()) as Uploaded['body'] };
}

const idOf = async (name: string, content: string | Uint8Array = name): Promise<string> => {
  const { body } = await upload(Buffer.from(content), { 'content-type': 'text/plain' }, `?fileName=${name}`);
  return body.attachments[0]?.id ?? '';
};

const start = graphql(`
  mutation StartWithUploads($input: StartConversationInput!) {
    startConversation(input: $input) {
      conversation { databaseId }
      message { databaseId attachments { fileName url contentType sizeBytes } }
      userErrors { code message path }
    }
  }
`);
const add = graphql(`
  mutation AddWithUploads($input: AddMessageInput!) {
    addMessage(input: $input) {
      message { attachments { fileName url } }
      result
      userErrors { code message path }
    }
  }
`);

test('a form of too many parts, or with a part that has no content for long, is refused before it is read', async () => {
  const form = (parts: string[]) => multipart('x', ...parts);
  const headers = { 'content-type': 'multipart/form-data; boundary=x' };
  const field = (name: string) => `Content-Disposition: form-data; name="${name}"\r\n\r\n1`;
  const file = 'Content-Disposition: form-data; name="file"; filename="a.txt"\r\n\r\nHello';
  const fields = (count: number) => Array.from({ length: count }, (_, place) => field(`f${place}`));
  expect((await upload(form([file, ...fields(39)]), headers)).status).toBe(201);
  const message = 'A form holds at most 20 files, and as many other fields.';
  expect(await upload(form([file, ...fields(40)]), headers)).toMatchObject({
    status: 400,
    body: { error: { message } },
  });
  const long = file.replace('a.txt', 'a'.repeat(9_000));
  expect(await upload(form([long]), headers)).toMatchObject({
    status: 400,
    body: { error: { message: 'The form cannot be read.' } },
  });
});

test('a file is uploaded as it is, with a name and a type', async () => {
  const bytes = randomBytes(1_000);
  const answer = await upload(bytes, { 'content-type': 'Image/PNG; x=y' }, '?fileName=%C3%BCber.png');
  expect(answer).toMatchObject({
    status: 201,
    body: {
      attachments: [
        { id: expect.stringMatching(/^upl_/), fileName: 'über.png', contentType: 'image/png', sizeBytes: 1_000 },
      ],
    },
  });
  const named = await upload('x', {
    'content-disposition': `attachment; filename="C:\\\\dir\\\\a.txt"`,
    'content-type': 'text/plain',
  });
  expect(named.body.attachments).toMatchObject([{ fileName: 'a.txt' }]);
  const bare = await upload(Buffer.from('x'));
  expect(bare.body.attachments).toMatchObject([{ fileName: 'file', contentType: 'application/octet-stream' }]);
});

test('several files are uploaded as a form', async () => {
  const form = new FormData();
  form.set('one', new File(['first'], 'one.txt', { type: 'text/plain' }));
  form.set('text', 'no file');
  form.set('two', new File(['<p>'], '../two.html', { type: 'text/html' }));
  const { status, body } = await upload(form);
  expect(status).toBe(201);
  expect(body.attachments).toMatchObject([
    { fileName: 'one.txt', contentType: 'text/plain', sizeBytes: 5 },
    { fileName: 'two.html', contentType: 'text/html', sizeBytes: 3 },
  ]);
});

test('what cannot be taken is refused before it is read, or for what is wrong with it', async () => {
  const codes = async (given: Promise<Uploaded>): Promise<unknown> => {
    const { status, body } = await given;
    return [status, body.error?.code];
  };
  expect(await codes(upload('x', { authorization: 'Bearer none' }))).toEqual([401, 'UNAUTHENTICATED']);
  const reader = await desk.withScopes('conversations:read');
  expect(await codes(upload('x', { authorization: `Bearer ${reader.key}` }))).toEqual([403, 'FORBIDDEN']);
  expect(await codes(upload(Buffer.alloc(0)))).toEqual([400, 'BAD_USER_INPUT']);
  expect(await codes(upload('junk', { 'content-type': 'multipart/form-data; boundary=b' }))).toEqual([
    400,
    'BAD_USER_INPUT',
  ]);
  expect(await codes(upload(new FormData()))).toEqual([400, 'BAD_USER_INPUT']);
  expect(await codes(upload(Buffer.alloc(maxUploadBytes + 1)))).toEqual([413, 'REQUEST_ENTITY_TOO_LARGE']);
  const poor = await server.services.apiKeys.create({ workspaceId: desk.workspaceId, kind: 'API_USER' });
  await server.database.prisma.apiKey.update({
    where: { workspaceId_id: { workspaceId: desk.workspaceId, id: poor.id } },
    data: { rateCapacity: 100, rateRestore: 1 },
  });
  const spend = () => upload(Buffer.alloc(100_000), { authorization: `Bearer ${poor.key}` });
  expect((await spend()).status).toBe(201);
  expect(await codes(spend())).toEqual([429, 'RATE_LIMITED']);
  const preflight = await fetch(`${server.origin}/attachments`, { method: 'OPTIONS' });
  expect([preflight.status, preflight.headers.get('access-control-allow-origin')]).toEqual([204, '*']);
});

test('uploads go out as files of the mail, links as links', async () => {
  const bytes = randomBytes(50_000);
  const form = new FormData();
  form.set('a', new File([bytes], 'Rechnung März.pdf', { type: 'application/pdf' }));
  const [pdf] = (await upload(form)).body.attachments;
  const note = await idOf('note.txt', 'Zeile\r\nzwei\n');
  const input = {
    email: 'jane@example.com',
    subject: 'Your invoice',
    text: 'See below.',
    attachments: [{ url: 'https://files.example/terms.pdf', fileName: 'terms.pdf' }],
    attachmentIds: [pdf?.id ?? '', note],
  };
  const { startConversation } = await desk.run(start, { input });
  expect(startConversation.userErrors).toEqual([]);
  expect(startConversation.message?.attachments).toMatchObject([
    { fileName: 'terms.pdf', url: 'https://files.example/terms.pdf' },
    { fileName: 'Rechnung März.pdf', contentType: 'application/pdf', sizeBytes: 50_000 },
    { fileName: 'note.txt', sizeBytes: 12 },
  ]);
  const letter = await eventually(() => {
    const found = mailServer.letters.find(({ raw }) => raw.includes('Your invoice'));
    if (!found) throw new Error('It has not come yet.');
    return found;
  });
  const sent = await parseMail(Buffer.from(letter.raw, 'latin1'));
  expect(sent.attachments).toMatchObject([
    { fileName: 'Rechnung März.pdf', contentType: 'application/pdf' },
    { fileName: 'note.txt' },
  ]);
  expect(Buffer.from(sent.contents[0]?.bytes ?? []).equals(bytes)).toBe(true);
  expect(String(Buffer.from(sent.contents[1]?.bytes ?? []))).toBe('Zeile\r\nzwei\n');
  expect(sent.text).toContain('terms.pdf: https://files.example/terms.pdf');

  const conversationId = startConversation.conversation?.databaseId ?? '';
  const used = await desk.run(add, { input: { conversationId, text: 'Again', attachmentIds: [note] } });
  expect(used.addMessage.userErrors).toMatchObject([{ code: 'NOT_FOUND', path: ['input', 'attachmentIds', '0'] }]);
  const third = await idOf('third.txt');
  const twice = await desk.run(add, { input: { conversationId, text: 'Twice', attachmentIds: [third, third] } });
  expect(twice.addMessage.userErrors).toMatchObject([{ code: 'NOT_FOUND', path: ['input', 'attachmentIds', '1'] }]);
  const internal = await desk.run(add, {
    input: { conversationId, text: 'Note', isInternal: true, attachmentIds: [third] },
  });
  expect(internal.addMessage.message?.attachments).toMatchObject([{ fileName: 'third.txt' }]);
  const many = Array.from({ length: 21 }, () => third);
  const tooMany = await desk.run(add, { input: { conversationId, text: 'Many', attachmentIds: many } });
  expect(tooMany.addMessage.userErrors).toMatchObject([{ code: 'BAD_USER_INPUT', path: ['input', 'attachmentIds'] }]);
});

test('uploads of another workspace are none, and those that no message took are removed after a day', async () => {
  const other = await server.createDesk();
  const id = await idOf('mine.txt', 'only mine');
  const input = { email: 'omar@example.com', text: 'Hi', attachmentIds: [id] };
  expect((await other.run(start, { input })).startConversation.userErrors).toMatchObject([{ code: 'NOT_FOUND' }]);
  const { prisma } = server.database;
  const { workspaceId } = desk;
  const past = new Date(Date.now() - 25 * 3_600_000);
  const { digest } = await prisma.upload.findUniqueOrThrow({ where: { workspaceId_id: { workspaceId, id } } });
  await prisma.upload.updateMany({ where: { workspaceId, id }, data: { createdAt: past } });
  const run = (name: string) =>
    server.app.workers
      .find(({ kind }) => kind.name === name)
      ?.run({ workspaceId }, { signal: AbortSignal.timeout(60_000) });
  await run('expire-uploads');
  await run('sweep-files');
  expect(await prisma.upload.count({ where: { workspaceId, id } })).toBe(0);
  expect(await prisma.storedFile.count({ where: { workspaceId, digest } })).toBe(0);
  expect(await server.services.files.open(workspaceId, digest)).toBeNull();
});
