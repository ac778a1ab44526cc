import { describe, expect, test } from 'vitest';
import { parseMail } from '../../../src/modules/email/inbound/reading/inbound-email.parse.js';
import { mail, multipart } from '../../kit/mail.js';

const parse = (raw: string, named?: string[]) => parseMail(Buffer.from(raw), named);

describe('a mail is from', () => {
  test.each<[string, Record<string, string>, string, string | null]>([
    ['a company with a comma', { From: 'Acme, Inc. <f@x.example>' }, 'f@x.example', 'Acme, Inc.'],
    ['a last name first', { From: 'Doe, Jane <j@x.example>' }, 'j@x.example', 'Doe, Jane'],
    ['three of a name', { From: 'Doe, Jane, Dr. <j@x.example>' }, 'j@x.example', 'Doe, Jane, Dr.'],
    ['an encoded word with a comma', { From: '=?utf-8?Q?Doe,_J=C3=A4ne?= <j@x.example>' }, 'j@x.example', 'Doe, Jäne'],
    ['an encoded comma', { From: '=?utf-8?Q?Doe=2C_Jane?= <j@x.example>' }, 'j@x.example', 'Doe, Jane'],
    ['a link', { From: 'Jane <mailto:j@x.example>' }, 'j@x.example', 'Jane'],
    ['a link alone', { From: 'mailto:j@x.example' }, 'j@x.example', null],
    ['a quote that nobody closed', { From: '"Jane Doe <j@x.example>' }, 'j@x.example', 'Jane Doe'],
    ['a quote that nobody opened', { From: 'Jane Doe" <j@x.example>' }, 'j@x.example', 'Jane Doe'],
    ['a bracket that nobody closed', { From: 'Jane Doe <j@x.example' }, 'j@x.example', 'Jane Doe'],
    ['dots beside each other', { From: 'ja..ne@docomo.example' }, 'ja..ne@docomo.example', null],
    ['a dot before the at', { From: '<jane.@docomo.example>' }, 'jane.@docomo.example', null],
    ['a host without a dot', { From: 'root@localhost' }, 'root@localhost', null],
    ['a host with an underscore', { From: 'jane@my_host.example' }, 'jane@my_host.example', null],
    ['single quotes', { From: "'Jane Doe' <j@x.example>" }, 'j@x.example', 'Jane Doe'],
    ['a comment', { From: 'j@x.example (Jane Doe)' }, 'j@x.example', 'Jane Doe'],
    ['a mail server', { From: 'MAILER-DAEMON (Mail Delivery System)' }, 'mailer-daemon@localhost', 'MAILER-DAEMON'],
    ['a group', { From: 'Team: j@x.example, k@x.example;' }, 'j@x.example', null],
    ['the second of which is usable', { From: 'nobody, j@x.example' }, 'j@x.example', null],
    ['who is in Sender', { From: 'nobody', Sender: 'j@x.example' }, 'j@x.example', null],
    ['who is in Reply-To', { From: '', 'Reply-To': 'Jane <j@x.example>' }, 'j@x.example', 'Jane'],
    ['who is in Return-Path', { From: '<>', 'Return-Path': '<j@x.example>' }, 'j@x.example', null],
  ])('%s', async (_what, headers, address, name) => {
    expect((await parse(mail(headers))).from).toEqual({ address, name });
  });

  test.each(['\ufeff', '\r\n\r\n', '\ufeff\r\n', '  \r\n', '>From jane@x.example Fri Mar 13 10:00:00 2026\r\n'])(
    'its sender although it begins with %j',
    async (junk) => {
      expect((await parse(junk + mail({}, 'Hello'))).from?.address).toBe('jane@example.com');
    },
  );
});

describe('a mail is for', () => {
  test.each(['Delivered-To', 'X-Original-To', 'X-Forwarded-To', 'X-Delivered-To', 'Resent-To', 'Bcc', 'Envelope-To'])(
    'whom %s names',
    async (header) => {
      expect((await parse(mail({ [header]: 'Help@desk.test' }))).recipients).toContain('help@desk.test');
    },
  );

  test('whom the service names, first', async () => {
    expect((await parse(mail({ To: 'a@x.example' }), ['Help@desk.test'])).recipients).toEqual([
      'help@desk.test',
      'a@x.example',
    ]);
  });

  test('as many as there are', async () => {
    const many = Array.from({ length: 1_000 }, (_, place) => `p${place}@x.example`).join(', ');
    expect((await parse(mail({ To: `${many}, help@desk.test` }))).recipients).toContain('help@desk.test');
  });
});

describe('a mail answers', () => {
  test.each<[string, Record<string, string>, string[]]>([
    ['with brackets', { References: '<a@x> <b@x>' }, ['b@x', 'a@x']],
    ['without brackets', { References: 'a@x b@x' }, ['b@x', 'a@x']],
    ['parted by commas', { References: '<a@x>,<b@x>' }, ['b@x', 'a@x']],
    ['without blanks', { References: '<a@x><b@x>' }, ['b@x', 'a@x']],
    ['folded between', { References: '<a@x>\r\n\t<b@x>' }, ['b@x', 'a@x']],
    ['folded within', { References: '<a@\r\n x>' }, ['a@x']],
    ['in two headers', { 'In-Reply-To': 'c@x', References: '<a@x>' }, ['c@x', 'a@x']],
    ['among words', { 'In-Reply-To': 'Your message of "Fri" <a@x>' }, ['a@x']],
  ])('what it refers to %s', async (_what, headers, answers) => {
    expect((await parse(mail(headers))).answers).toEqual(answers);
  });
});

describe('a mail is automatic:', () => {
  test.each<[boolean, Record<string, string>]>([
    [true, { 'Auto-Submitted': 'auto-replied' }],
    [false, { 'Auto-Submitted': 'no' }],
    [true, { 'X-AutoReply-From': 'help@desk.test' }],
    [true, { 'X-Failed-Recipients': 'a@x.example' }],
    [true, { From: 'MAILER-DAEMON (Mail Delivery System)' }],
    [true, { From: 'Mail Delivery System <MAILER-DAEMON@mx.example>' }],
    [true, { From: 'postmaster@x.example' }],
    [true, { 'X-Autoreply': 'yes' }],
    [false, { 'X-Autoreply': 'no' }],
    [false, { 'X-Autorespond': 'no' }],
    [false, {}],
  ])('%s for %o', async (isAutomatic, headers) => {
    expect((await parse(mail(headers))).isAutomatic).toBe(isAutomatic);
  });
});

const status = (type: string, ...fields: string[]): string =>
  mail(
    { From: 'MAILER-DAEMON@mx.example', 'Content-Type': 'multipart/report; report-type=delivery-status; boundary=b' },
    multipart(
      'b',
      'Content-Type: text/plain\r\n\r\nSee below.',
      `Content-Type: ${type}\r\n\r\nReporting-MTA: dns; mx.example\r\n\r\n${fields.join('\r\n')}\r\n`,
      'Content-Type: text/rfc822-headers\r\n\r\nSubject: Hi\r\nMessage-ID: <ours@desk.test>\r\n',
    ),
  );
const qmail = mail(
  { From: 'MAILER-DAEMON@mx.example', 'Return-Path': '<>' },
  "Hi. This is the qmail-send program at mx.example.\r\nI'm afraid I wasn't able to deliver your message to the following addresses.\r\nThis is a permanent error; I've given up. Sorry it didn't work out.\r\n\r\n<gone@x.example>:\r\n192.0.2.1 does not like recipient.\r\nRemote host said: 550 5.1.1 No such user\r\n\r\n--- Below this line is a copy of the message.\r\n\r\nSubject: Hi\r\nMessage-ID: <ours@desk.test>\r\n\r\nHello",
);
const exchange = mail(
  { From: 'Microsoft Outlook <postmaster@x.example>' },
  "Delivery has failed to these recipients or groups:\r\n\r\ngone@x.example\r\nThe e-mail address you entered couldn't be found.\r\n\r\nDiagnostic information for administrators:\r\n#550 5.1.1 RESOLVER.ADR.RecipNotFound; not found ##\r\n\r\nOriginal message headers:\r\nMessage-ID: <ours@desk.test>\r\n",
);

describe('a report', () => {
  test.each([
    [
      'of a failure',
      status(
        'message/delivery-status',
        'Final-Recipient: rfc822; gone@x.example',
        'Action: failed',
        'Status: 5.1.1',
        'Diagnostic-Code: smtp; 550 5.1.1 No such user',
      ),
      '550 5.1.1 No such user',
    ],
    [
      'in Unicode',
      status(
        'message/global-delivery-status',
        'Final-Recipient: utf-8; gone@x.example',
        'Action: failed',
        'Status: 5.1.1',
        'Diagnostic-Code: smtp;\r\n 550 No such user',
      ),
      '550 No such user',
    ],
    ['of qmail', qmail, 'Remote host said: 550 5.1.1 No such user'],
    ['of Exchange', exchange, '#550 5.1.1 RESOLVER.ADR.RecipNotFound; not found ##'],
  ])('%s tells whom, why and what', async (_what, raw, reason) => {
    expect((await parse(raw)).report).toEqual({
      about: ['ours@desk.test'],
      failure: { code: '5.1.1', reason, recipient: 'gone@x.example' },
    });
  });

  test.each(['delayed', 'delivered', 'relayed', 'expanded'])('of the action %s is no failure', async (action) => {
    const raw = status(
      'message/delivery-status',
      'Final-Recipient: rfc822; a@x.example',
      `Action: ${action}`,
      'Status: 4.0.0',
    );
    expect((await parse(raw)).report).toEqual({ about: ['ours@desk.test'], failure: null });
  });

  test('of a delay in words is no failure', async () => {
    const text =
      'This is a warning: your message has not been delivered yet. Delivery to a@x.example failed temporarily, delivery failed so far; it will be retried.';
    expect((await parse(mail({ From: 'MAILER-DAEMON@mx.example' }, text))).report?.failure).toBeNull();
  });

  test('that the mail was read is no failure', async () => {
    const body = multipart(
      'b',
      'Content-Type: text/plain\r\n\r\nRead.',
      'Content-Type: message/disposition-notification\r\n\r\nDisposition: manual-action; displayed',
    );
    expect(
      (
        await parse(
          mail({ 'Content-Type': 'multipart/report; report-type=disposition-notification; boundary=b' }, body),
        )
      ).report,
    ).toEqual({ about: [], failure: null });
  });

  test('is no mail of a person', async () => {
    expect((await parse(mail({}, 'My delivery failed: 550 euros are lost.'))).report).toBeNull();
  });
});
