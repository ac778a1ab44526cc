import { describe, expect, test } from 'vitest';
import { mailBounds, maxMailAttachments } from '../../../src/modules/conversation/message/mail/message.bounds.js';
import { parseMail } from '../../../src/modules/email/inbound/reading/inbound-email.parse.js';
import { mail, multipart } from '../../kit/mail.js';

const parse = (raw: string | Buffer) => parseMail(Buffer.from(raw));
const latin1 = (raw: string) => parse(Buffer.from(raw, 'latin1'));

describe('what a mail says', () => {
  test('is read in whatever charset and encoding it was written', async () => {
    const typed = (type: string, encoding: string) => ({ 'Content-Type': type, 'Content-Transfer-Encoding': encoding });
    expect((await latin1(mail(typed('text/plain; charset=iso-8859-1', '8bit'), 'Grüße'))).text).toBe('Grüße');
    const quoted = mail(typed('text/plain; charset=windows-1252', 'quoted-printable'), '10 =80 f=FCr =\r\nalle');
    expect((await parse(quoted)).text).toBe('10 € für alle');
    const japanese = Buffer.from([0x93, 0xfa, 0x96, 0x7b]).toString('base64');
    expect((await parse(mail(typed('text/plain; charset=shift_jis', 'base64'), japanese))).text).toBe('日本');
    expect((await parse(mail({ 'Content-Type': 'text/plain; charset=nonsense' }, 'plain'))).text).toBe('plain');
  });

  test('has names and a subject in words that are encoded', async () => {
    const parsed = await parse(
      mail({
        From: '=?utf-8?B?Wm/DqyBRdWlubg==?= <zoe@example.com>',
        Subject: '=?iso-8859-1?Q?Gr=FC=DFe?= =?utf-8?Q?_aus_K=C3=B6ln?=',
      }),
    );
    expect(parsed).toMatchObject({ from: { name: 'Zoë Quinn' }, subject: 'Grüße aus Köln' });
  });

  test('is text and HTML where it has both, and text made of the HTML where it has that alone', async () => {
    const both = multipart('b', 'Content-Type: text/plain\r\n\r\nplain', 'Content-Type: text/html\r\n\r\n<p>rich</p>');
    const alternative = { 'Content-Type': 'multipart/alternative; boundary=b' };
    expect(await parse(mail(alternative, both))).toMatchObject({ text: 'plain', html: '<p>rich</p>\n' });
    const html = '<style>p{}</style><h1>Hi</h1><p>See <a href="https://a.example/b">this</a> &amp; that</p>';
    const parsed = await parse(mail({ 'Content-Type': 'text/html' }, html));
    expect(parsed.html?.trim()).toBe(html);
    expect(parsed.text).toBe('Hi\n\nSee this [https://a.example/b] & that');
  });

  test('is found however deep it lies, with the files beside it', async () => {
    const alternative = multipart(
      'c',
      'Content-Type: text/plain\r\n\r\ndeep',
      'Content-Type: text/html\r\n\r\n<b>x</b>',
    );
    const related = multipart(
      'b',
      `Content-Type: multipart/alternative; boundary=c\r\n\r\n${alternative}`,
      'Content-Type: image/PNG\r\nContent-ID: <i@x>\r\nContent-Transfer-Encoding: base64\r\n\r\niVBORw0=',
    );
    const mixed = multipart(
      'a',
      `Content-Type: multipart/related; boundary=b\r\n\r\n${related}`,
      `Content-Type: application/pdf\r\nContent-Disposition: attachment; filename*=utf-8''Rechnung%20%E2%82%AC.pdf\r\n\r\n12345`,
    );
    expect(await parse(mail({ 'Content-Type': 'multipart/mixed; boundary=a' }, mixed))).toMatchObject({
      text: 'deep',
      attachments: [
        { fileName: 'unnamed', contentType: 'image/png', sizeBytes: 5 },
        { fileName: 'Rechnung €.pdf', contentType: 'application/pdf', sizeBytes: 5 },
      ],
    });
  });

  test('leaves its files as they were', async () => {
    const padded = ['one', 'line', 'after another'].map((text) => Buffer.from(text).toString('base64')).join('\r\n');
    const parts = multipart(
      'a',
      'Content-Type: text/plain\r\n\r\nfile 1',
      'Content-Type: text/csv\r\n\r\na;b\n1;2\r\n',
      `Content-Type: text/x-notes\r\nContent-Transfer-Encoding: base64\r\n\r\n${padded}`,
      'Content-Type: application/json\r\nContent-Disposition: inline; filename=a.json\r\n\r\n',
    );
    const { text, attachments, contents } = await parse(mail({ 'Content-Type': 'multipart/mixed; boundary=a' }, parts));
    expect(text).toBe('file 1');
    expect(attachments.map(({ fileName }) => fileName)).toEqual(['unnamed', 'unnamed', 'a.json']);
    expect(contents.map(({ bytes }) => Buffer.from(bytes).toString())).toEqual([
      'a;b\n1;2\r\n',
      'onelineafter another',
      '',
    ]);
  });

  test('is empty in a mail that says nothing', async () => {
    expect(await parse('From: a@b.example\r\n\r\n')).toMatchObject({ text: '', html: null, subject: null });
  });

  test('has no character that cannot be stored', async () => {
    const parsed = await parse(mail({ Subject: 'a\0b', 'Message-ID': '<\0x@y>' }, 'one\0two\ud83d'));
    expect(JSON.stringify(parsed)).not.toMatch(/\\u0000|\\ud83d/);
    expect(parsed).toMatchObject({ subject: 'ab', text: 'onetwo\ufffd', messageId: 'x@y' });
  });

  test('is cut where it is too long', async () => {
    const long = { Subject: 'word '.repeat(200), From: `"${'n'.repeat(300)}" <a@b.example>` };
    const parsed = await parse(mail(long, 'x'.repeat(200_000)));
    expect(parsed.text).toHaveLength(mailBounds.text);
    expect(parsed.subject?.length).toBeLessThanOrEqual(mailBounds.subject);
    expect(parsed.from?.name).toHaveLength(mailBounds.name);
    const files = Array.from({ length: 150 }, () => 'Content-Type: image/png\r\n\r\nx');
    const many = await parse(mail({ 'Content-Type': 'multipart/mixed; boundary=b' }, multipart('b', ...files)));
    expect(many.attachments).toHaveLength(maxMailAttachments);
  });
});

describe('the Message-IDs of a mail', () => {
  test('are those that it answers first, then those that it refers to, the latest first', async () => {
    const references = '<one@x> <two@x>\r\n <three@x>';
    expect(await parse(mail({ 'In-Reply-To': '<two@x>', References: references }))).toMatchObject({
      answers: ['two@x', 'three@x', 'one@x'],
    });
  });

  test('are hashed when no index could hold them, and always the same way', async () => {
    const long = `<${'x'.repeat(600)}@y>`;
    const { messageId } = await parse(mail({ 'Message-ID': long }));
    expect(messageId).toMatch(/^sha256-[0-9a-f]{64}$/);
    expect(await parse(mail({ 'In-Reply-To': long }))).toMatchObject({ answers: [messageId] });
  });

  test('may lack their brackets', async () => {
    expect((await parse(mail({ 'Message-ID': 'bare@x' }))).messageId).toBe('bare@x');
  });
});

describe('a mail', () => {
  test('is for the mailboxes that its delivery names, then for those in To and Cc, also in groups', async () => {
    const headers = {
      To: 'Team: One@x.example, two@x.example;',
      Cc: 'three@x.example',
      'Delivered-To': 'Four@x.example',
    };
    expect((await parse(mail(headers))).recipients).toEqual([
      'four@x.example',
      'one@x.example',
      'two@x.example',
      'three@x.example',
    ]);
  });

  test.each([
    [{}, false],
    [{ 'Auto-Submitted': 'no' }, false],
    [{ 'Auto-Submitted': 'auto-generated' }, true],
    [{ Precedence: 'list' }, false],
    [{ Precedence: 'bulk' }, true],
    [{ 'X-Autoreply': 'yes' }, true],
    [{ 'Return-Path': '<jane@example.com>' }, false],
    [{ 'Return-Path': '<>' }, true],
    [{ 'Content-Type': 'multipart/report; boundary=b' }, true],
  ])('with %o is written by a program: %s', async (headers, automatic) => {
    expect((await parse(mail(headers as Record<string, string>))).isAutomatic).toBe(automatic);
  });

  test('comes from the first address in From, else in Sender', async () => {
    expect((await parse(mail({ From: 'One <one@x.example>, two@x.example' }))).from).toEqual({
      address: 'one@x.example',
      name: 'One',
    });
    expect((await parse(mail({ From: 'nobody', Sender: 'two@x.example' }))).from?.address).toBe('two@x.example');
    expect((await parse(mail({ From: 'nobody' }))).from).toBeNull();
  });
});
