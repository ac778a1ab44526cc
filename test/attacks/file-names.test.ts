import { afterAll, beforeAll, expect, test } from 'vitest';
import { parseMail } from '../../src/modules/email/inbound/reading/inbound-email.parse.js';
import type { Desk } from '../kit/app.js';
import { startTestServer, type TestServer } from '../kit/http.js';
import { mail, multipart } from '../kit/mail.js';

/** Names that strangers give their files: shown to agents, and to be saved by programs. */

let server: TestServer;
let desk: Desk;

beforeAll(async () => {
  server = await startTestServer();
  desk = await server.createDesk();
});
afterAll(() => server.close());

async function nameOfUpload(name: string): Promise<string | undefined> {
  const response = await fetch(`${server.origin}/attachments?fileName=${encodeURIComponent(name)}`, {
    method: 'POST',
    headers: { authorization: `Bearer ${desk.key}`, 'content-type': 'text/plain' },
    body: 'x',
  });
  const { attachments } = (await response.json()) as { attachments: { fileName: string }[] };
  return attachments[0]?.fileName;
}

async function nameInMail(name: string): Promise<string | undefined> {
  const disposition = `Content-Disposition: attachment; filename*=utf-8''${encodeURIComponent(name)}`;
  const raw = mail(
    { 'Content-Type': 'multipart/mixed; boundary=b' },
    multipart('b', `Content-Type: text/plain\r\n${disposition}\r\n\r\nx`),
  );
  const { attachments } = await parseMail(Buffer.from(raw));
  return attachments[0]?.fileName;
}

const long = 'a'.repeat(300);

test.each([
  ['that turns around how it is shown', 'invoice\u202efdp.exe', 'invoicefdp.exe'],
  ['that hides its ending behind its length', `${long}.pdf.exe`, `${'a'.repeat(251)}.exe`],
  ['of which the cut goes through a character', `${'a'.repeat(250)}😀😀.exe`, `${'a'.repeat(250)}.exe`],
  ['of a header line', 'a.txt\r\nSet-Cookie: b', 'a.txt Set-Cookie: b'],
])('a name %s is made safe, uploaded or in a mail', async (_kind, name, safe) => {
  expect([await nameOfUpload(name), await nameInMail(name)]).toEqual([safe, safe]);
});

test.each([
  ['../../.ssh/authorized_keys', 'authorized_keys', '.._.._.ssh_authorized_keys'],
  ['C:\\Windows\\a.dll', 'a.dll', 'C:_Windows_a.dll'],
  ['..', 'file', 'unnamed'],
])('%s leads to no other directory', async (name, uploaded, mailed) => {
  expect([await nameOfUpload(name), await nameInMail(name)]).toEqual([uploaded, mailed]);
});
