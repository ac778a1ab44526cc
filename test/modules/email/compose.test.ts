import { expect, test } from 'vitest';
import { parseMail } from '../../../src/modules/email/inbound/reading/inbound-email.parse.js';
import { composeMail, type OutboundEmail } from '../../../src/modules/email/outbound/outbound-email.compose.js';

/** A mail as it is written, and as its reader finds it. */
async function written(email: Partial<OutboundEmail>) {
  const { envelope, raw } = await composeMail({
    from: { name: 'Ada', address: 'help@desk.test' },
    to: [{ name: 'Jane', address: 'jane@example.com' }],
    cc: [],
    bcc: [],
    replyTo: null,
    subject: 'Seats',
    date: new Date('2026-03-13T10:00:00Z'),
    messageId: 'compose@desk.test',
    inReplyTo: null,
    references: [],
    text: 'Hello',
    html: null,
    attachments: [],
    ...email,
  });
  return { envelope, raw: raw.toString(), read: await parseMail(raw) };
}

test('names and subjects come as they are, and add no header', async () => {
  const name = 'Doe, "J" \\ 👩‍💻 Jane (x)\r\nBcc: omar@example.com';
  const { raw, read } = await written({
    to: [{ name, address: 'jane@example.com' }],
    subject: 'a\r\nBcc: b@x.example',
  });
  expect(raw).not.toMatch(/^Bcc:/im);
  expect(read.to).toEqual([{ name: name.replace('\r\n', ' '), address: 'jane@example.com' }]);
  expect(read.subject).toBe('a Bcc: b@x.example');
});

test('files keep their names', async () => {
  const names = ['請求書 2026年（最終）.pdf', 'a"b;c.pdf', `${'x'.repeat(240)}.pdf`];
  const attachments = names.map((fileName) => ({
    fileName,
    contentType: 'application/pdf',
    content: Buffer.from('x'),
  }));
  expect((await written({ attachments })).read.attachments.map(({ fileName }) => fileName)).toEqual(names);
});

test('a host beyond ASCII is written as the name service has it, also to the mail server', async () => {
  const to = [{ name: null, address: 'jane@bücher.example' }];
  const { envelope, read } = await written({ to, bcc: [{ name: null, address: 'omar@bücher.example' }] });
  expect(envelope.to).toEqual(['jane@xn--bcher-kva.example', 'omar@xn--bcher-kva.example']);
  expect(read.to).toEqual([{ name: null, address: 'jane@xn--bcher-kva.example' }]);
});

test.each(['"jane doe"@x.example', 'jane@[192.0.2.1]', 'root@localhost', 'ja..ne@docomo.example'])(
  'an answer reaches %s',
  async (address) => {
    const { envelope, read } = await written({ to: [{ name: 'Jane', address }] });
    expect(envelope.to).toEqual([address]);
    expect(read.to).toEqual([{ name: 'Jane', address }]);
  },
);
