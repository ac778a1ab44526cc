import { afterAll, expect, test } from 'vitest';
import { createMailReader } from '../../../src/modules/email/inbound/reading/inbound-email.reader.js';
import { mail } from '../../kit/mail.js';

const reader = createMailReader({ timeoutMs: 120_000 });
afterAll(() => reader.close());

const megabyte = 1_024 * 1_024;
const read = (raw: string) => reader.read('message/rfc822', Buffer.from(raw));

/** Mails that are made to take time or memory, each of nearly as many bytes as are allowed. */
const bombs: [string, () => string][] = [
  ['lines without end', () => mail({}, '\n'.repeat(24 * megabyte))],
  [
    'parts without end',
    () => mail({ 'Content-Type': 'multipart/mixed; boundary=b' }, '--b\r\n\r\nx\r\n'.repeat(megabyte)),
  ],
  [
    'parts within parts',
    () =>
      Array.from(
        { length: 1_000 },
        (_, depth) => `Content-Type: multipart/mixed; boundary=b${depth}\r\n\r\n--b${depth}`,
      ).join('\r\n'),
  ],
  ['a header without end', () => mail({ Subject: 'x'.repeat(10 * megabyte) })],
];

test.each(bombs)('a mail with %s is refused, and the next one is read', async (_name, make) => {
  await expect(read(make())).rejects.toMatchObject({ code: 'BAD_USER_INPUT' });
  expect(await read(mail({}))).toMatchObject({ subject: 'Where is it?' });
});

test('a mail that takes the memory or the time of the thread ends the thread, and the next one is read', async () => {
  // The limit can be kept only because this thread is free while another one reads.
  const lines = Array.from({ length: 250_000 }, (_, place) => `--b\r\n\r\n${'x'.repeat(150)}${place}`).join('\r\n');
  const impatient = createMailReader({ timeoutMs: 1 });
  const message = mail({ 'Content-Type': 'multipart/mixed; boundary=b' }, lines);
  await expect(impatient.read('message/rfc822', Buffer.from(message))).rejects.toThrow('too much time or memory');
  await impatient.close();
  expect(await read(mail({}))).toMatchObject({ subject: 'Where is it?' });
});

test('mails that come together are all read', async () => {
  const mails = await Promise.all(Array.from({ length: 30 }, (_, place) => read(mail({ Subject: `${place}` }))));
  expect(mails.map(({ subject }) => subject)).toEqual(Array.from({ length: 30 }, (_, place) => `${place}`));
});

test('a mail of the greatest size is read', async () => {
  const line = `${'QUJD'.repeat(19)}\r\n`;
  const headers = { 'Content-Type': 'application/pdf; name=a.pdf', 'Content-Transfer-Encoding': 'base64' };
  const { attachments } = await read(mail(headers, line.repeat(320_000)));
  expect(attachments).toEqual([{ fileName: 'a.pdf', contentType: 'application/pdf', sizeBytes: 18_240_000 }]);
});
