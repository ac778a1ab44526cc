import { randomBytes } from 'node:crypto';
import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { directoryStorage } from '../../src/lib/storage/directory.js';
import { graphql } from '../generated/gql.js';
import type { Desk } from '../kit/app.js';
import { startTestServer, type TestServer } from '../kit/http.js';
import { mail, multipart, postMail } from '../kit/mail.js';
import { temporaryDirectory } from '../kit/temporary.js';

/** What is stored of mails: their bytes, their files, and what becomes of both. */

let server: TestServer;
let desk: Desk;
let directory: string;

beforeAll(async () => {
  directory = await temporaryDirectory();
  server = await startTestServer({
    files: { storage: directoryStorage(join(directory, 'files')), publicUrl: 'https://desk.example' },
  });
  desk = await newDesk();
});
afterAll(async () => {
  await server.close();
  await rm(directory, { recursive: true });
});

async function newDesk(): Promise<Desk> {
  const made = await server.createDesk();
  await server.services.channels.create(made.operator, { kind: 'EMAIL', name: 'Help', address: 'help@desk.test' });
  return made;
}

const messageWithFiles = graphql(`
  query MessageWithFiles($id: ID!) {
    message(id: $id) { rawUrl html attachments { databaseId url fileName contentType sizeBytes } }
  }
`);

const pngBytes = Buffer.from('iVBORw0KGgo=', 'base64');
let count = 0;

/** Posts a mail with these parts and answers its message. */
async function post(parts: string[], headers: Record<string, string> = {}, to = desk) {
  count += 1;
  const raw = mail(
    { 'Message-ID': `<files-${count}@example.com>`, 'Content-Type': 'multipart/mixed; boundary=b', ...headers },
    multipart('b', ...parts),
  );
  const { status, body } = await postMail(server, to, raw);
  expect({ status, body }).toMatchObject({ status: 201 });
  const { message } = await to.run(messageWithFiles, { id: body.messageId });
  if (!message) throw new Error('The message is gone.');
  return { raw, message, ...body };
}

const text = 'Content-Type: text/plain\r\n\r\nSee the file.';
const part = (type: string, body: string, headers = ''): string =>
  `Content-Type: ${type}\r\n${headers}Content-Transfer-Encoding: base64\r\n\r\n${Buffer.from(body).toString('base64')}`;

/** Follows a link to the gateway. */
const follow = (url: string | null | undefined, options?: RequestInit): Promise<Response> => {
  expect(url).toMatch(/^https:\/\/desk\.example\/attachments\//);
  return fetch(String(url).replace('https://desk.example', server.origin), options);
};
const bytesAt = async (url: string | null | undefined): Promise<Buffer> => {
  const response = await follow(url);
  expect(response.status).toBe(200);
  return Buffer.from(await response.arrayBuffer());
};

const storedFiles = async (): Promise<number> =>
  (await readdir(join(directory, 'files'), { recursive: true, withFileTypes: true })).filter((entry) => entry.isFile())
    .length;

describe('a mail', () => {
  test('is there again byte for byte, with its files', async () => {
    const { raw, message } = await post([text, part('application/pdf; name=bill.pdf', '%PDF-1.7 \0 bill')]);
    expect(await bytesAt(message.rawUrl)).toEqual(Buffer.from(raw));
    expect(message.attachments).toMatchObject([
      { fileName: 'bill.pdf', contentType: 'application/pdf', sizeBytes: 15 },
    ]);
    expect(String(await bytesAt(message.attachments[0]?.url))).toBe('%PDF-1.7 \0 bill');
  });

  test.each([
    ['a forwarded mail', 'message/rfc822', 'Subject: =?utf-8?Q?Old_=C3=BCber?=\r\n\r\nHi', 'Old über.eml'],
    ['a forwarded mail without a subject', 'message/rfc822', 'From: a@b.example\r\n\r\nHi', 'message.eml'],
    ['an invitation', 'text/calendar; method=REQUEST', 'BEGIN:VCALENDAR\r\nEND:VCALENDAR', 'invite.ics'],
    ['a file of Outlook', 'application/ms-tnef', '\x78\x9f\x3e\x22', 'winmail.dat'],
    ['an encrypted part', 'application/pkcs7-mime; smime-type=enveloped-data', 'MII', 'smime.p7m'],
    ['a signature', 'application/pgp-signature', '-----BEGIN PGP SIGNATURE-----', 'signature.asc'],
  ])('keeps %s as a file with a name', async (_name, type, content, fileName) => {
    const body = type === 'message/rfc822' ? `Content-Type: ${type}\r\n\r\n${content}` : part(type, content);
    const { message } = await post([text, body]);
    expect(message.attachments.map((file) => file.fileName)).toEqual([fileName]);
    expect(String(await bytesAt(message.attachments[0]?.url)).trimEnd()).toBe(content);
  });

  test('shows its own images, and no others of that kind', async () => {
    const html =
      '<p>Look:</p><img src="cid:logo@x" alt="a"><img src="cid:none"><img src="cid:vector"><i>src="cid:logo@x"</i>';
    const { message } = await post([
      `Content-Type: text/html\r\n\r\n${html}`,
      `Content-Type: image/png; name=logo.png\r\nContent-ID: <logo@x>\r\nContent-Transfer-Encoding: base64\r\n\r\n${pngBytes.toString('base64')}`,
      part('image/svg+xml; name=v.svg', '<svg onload="alert(1)"/>', 'Content-ID: <vector>\r\n'),
    ]);
    const [source, ...others] = [...(message.html ?? '').matchAll(/<img src="([^"]+)"/g)].map(([, url]) => url);
    expect(others).toEqual([]);
    expect(await bytesAt(source?.replaceAll('&amp;', '&'))).toEqual(pngBytes);
    expect(message.html).not.toMatch(/<[^>]*cid:/);
    expect(message.html).toContain('<i>src=&quot;cid:logo@x&quot;</i>');
  });

  test('that comes again is not stored again', async () => {
    const { raw } = await post([text, part('text/csv; name=a.csv', 'once')]);
    const before = await storedFiles();
    expect(await postMail(server, desk, raw)).toMatchObject({ status: 200 });
    expect(await storedFiles()).toBe(before);
  });
});

describe('a link', () => {
  test('has headers by which no browser runs what the file holds', async () => {
    const { message } = await post([
      text,
      part('text/html; name="a \\"b\\".html"', '<script>alert(1)</script>', 'Content-Disposition: attachment\r\n'),
      part('image/png; name=ü.png', 'png'),
      part('image/svg+xml; name=v.svg', '<svg/>'),
    ]);
    const headers = await Promise.all(
      message.attachments.map(async ({ url }) => Object.fromEntries((await follow(url)).headers)),
    );
    for (const one of headers) {
      expect(one).toMatchObject({
        'x-content-type-options': 'nosniff',
        'content-security-policy': "default-src 'none'; sandbox",
        'cache-control': expect.stringMatching(/^private, /),
      });
    }
    expect(headers.map((one) => one['content-disposition'])).toEqual([
      expect.stringMatching(/^attachment; filename="a _?b_?\.html"; filename\*=UTF-8''a%20/),
      `inline; filename="_.png"; filename*=UTF-8''%C3%BC.png`,
      expect.stringMatching(/^attachment; /),
    ]);
    const head = await follow(message.attachments[1]?.url, { method: 'HEAD' });
    expect([head.status, head.headers.get('content-length'), await head.text()]).toEqual([200, '3', '']);
  });

  test('opens nothing when it is changed, expired, or of a file that is gone', async () => {
    const { message } = await post([text, part('text/csv; name=a.csv', 'private')]);
    const url = message.attachments[0]?.url ?? '';
    const refused = async (changed: string): Promise<unknown> => {
      const response = await follow(changed);
      return [response.status, await response.json()];
    };
    const error = (code: string) => ({ error: { code, message: expect.stringMatching(/^[A-Z].+\.$/) } });
    const other = await post([text, part('text/csv; name=b.csv', 'other')]);
    const otherId = other.message.attachments[0]?.databaseId ?? '';
    expect(await refused(url.replace(/att_\w+/, otherId))).toEqual([403, error('FORBIDDEN')]);
    expect(await refused(url.replace(/expires=\d+/, 'expires=99999999999'))).toEqual([403, error('FORBIDDEN')]);
    expect(await refused(url.replace(/signature=.*/, ''))).toEqual([403, error('FORBIDDEN')]);
    expect(await refused(url.replace(/&signature=/, '&signature=x'))).toEqual([403, error('FORBIDDEN')]);
    expect(await refused(`${url.split('/attachments/')[0]}/attachments/..%2f..%2fetc/passwd`)).toEqual([
      403,
      error('FORBIDDEN'),
    ]);
    expect((await follow(url, { method: 'POST' })).status).toBe(405);
    await server.database.prisma.messageAttachment.deleteMany({
      where: { workspaceId: desk.workspaceId, messageId: other.messageId },
    });
    expect(await refused(other.message.attachments[0]?.url ?? '')).toEqual([404, error('NOT_FOUND')]);
  });

  test('is needed: a mail is shown to keys that may read conversations', async () => {
    const { messageId } = await post([text]);
    const writer = await desk.withScopes('conversations:write');
    expect(await writer.fail(messageWithFiles, { id: messageId })).toMatchObject([
      { extensions: { code: 'FORBIDDEN' } },
    ]);
  });
});

const remove = graphql(`
  mutation RemoveWithFiles($input: DeleteCustomerInput!) {
    deleteCustomer(input: $input) { receipt { table action count } userErrors { message } }
  }
`);

describe.each(['PURGE', 'SCRUB'] as const)('a deletion with %s', (mode) => {
  test('removes mails and their files, but what others sent too', async () => {
    const own = await newDesk();
    const shared = randomBytes(2_000).toString('base64');
    const before = await storedFiles();
    const gone = await post(
      [text, part('text/csv; name=a.csv', `jane ${mode}`), part('application/zip; name=s.zip', shared)],
      {},
      own,
    );
    const kept = await post(
      [text, part('application/zip; name=s.zip', shared)],
      { From: 'Omar <omar@example.com>' },
      own,
    );
    expect(await storedFiles()).toBe(before + 4);
    const input = { id: gone.contactId, mode };
    const { deleteCustomer } = await own.run(remove, { input });
    expect(deleteCustomer.receipt).toContainEqual({ table: 'StoredFile', action: 'REMOVED', count: 2 });
    expect(await storedFiles()).toBe(before + 2);
    for (const url of [gone.message.rawUrl, ...gone.message.attachments.map((file) => file.url)]) {
      expect((await follow(url)).status).toBe(404);
    }
    expect(await bytesAt(kept.message.rawUrl)).toEqual(Buffer.from(kept.raw));
    expect(String(await bytesAt(kept.message.attachments[0]?.url))).toBe(shared);
  });

  test('removes the mail of another person that names this one', async () => {
    const own = await newDesk();
    const jane = await post([text], {}, own);
    const omar = await post(
      ['Content-Type: text/plain\r\n\r\nPlease ask jane@example.com about it.'],
      { From: 'Omar <omar@example.com>' },
      own,
    );
    await own.run(remove, { input: { id: jane.contactId, mode } });
    const { message } = await own.run(messageWithFiles, { id: omar.messageId });
    expect(message?.rawUrl).toBeNull();
    expect((await follow(omar.message.rawUrl)).status).toBe(404);
  });
});
