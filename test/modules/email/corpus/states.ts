import { bytesOf, type CorpusMail, mailOf, parts } from './corpus.js';

/** What a mail answers, whether a program wrote it, and what it reports. */

const answers = (name: string, headers: Record<string, string>, ids: string[]): CorpusMail =>
  mailOf(`an answer by ${name}`, headers, { answers: ids });

const threads: CorpusMail[] = [
  answers('In-Reply-To', { 'In-Reply-To': '<a@x.example>' }, ['a@x.example']),
  answers('In-Reply-To without brackets', { 'In-Reply-To': 'a@x.example' }, ['a@x.example']),
  answers('In-Reply-To with a comment', { 'In-Reply-To': '<a@x.example> (Jane on Friday)' }, ['a@x.example']),
  answers('References from the last on', { References: '<a@x.example> <b@x.example>' }, ['b@x.example', 'a@x.example']),
  answers('References in folded lines', { References: '<a@x.example>\r\n <b@x.example>\r\n\t<c@x.example>' }, [
    'c@x.example',
    'b@x.example',
    'a@x.example',
  ]),
  answers('References without blanks', { References: '<a@x.example><b@x.example>' }, ['b@x.example', 'a@x.example']),
  answers('References with commas', { References: '<a@x.example>, <b@x.example>' }, ['b@x.example', 'a@x.example']),
  answers('both, In-Reply-To first', { 'In-Reply-To': '<c@x.example>', References: '<a@x.example> <b@x.example>' }, [
    'c@x.example',
    'b@x.example',
    'a@x.example',
  ]),
  answers('both with one id', { 'In-Reply-To': '<a@x.example>', References: '<a@x.example>' }, ['a@x.example']),
  answers('words that are no id', { 'In-Reply-To': 'Your mail of Friday' }, []),
  answers('an id with signs', { 'In-Reply-To': '<CA+b/c=d$1.2-3_4@mail.x.example>' }, [
    'CA+b/c=d$1.2-3_4@mail.x.example',
  ]),
];

const by = (isAutomatic: boolean, name: string, headers: Record<string, string>): CorpusMail =>
  mailOf(`${isAutomatic ? 'a program' : 'a person'}: ${name}`, headers, { isAutomatic });

const automatic: CorpusMail[] = [
  by(true, 'Auto-Submitted: auto-replied', { 'Auto-Submitted': 'auto-replied' }),
  by(true, 'Auto-Submitted: auto-generated', { 'Auto-Submitted': 'auto-generated' }),
  by(true, 'Auto-Submitted in upper case', { 'Auto-Submitted': 'AUTO-REPLIED' }),
  by(false, 'Auto-Submitted: no', { 'Auto-Submitted': 'no' }),
  by(true, 'Precedence: bulk', { Precedence: 'bulk' }),
  by(true, 'Precedence: junk', { Precedence: 'junk' }),
  by(true, 'Precedence: auto_reply', { Precedence: 'auto_reply' }),
  by(false, 'Precedence: first-class', { Precedence: 'first-class' }),
  by(false, 'Precedence: list', { Precedence: 'list' }),
  by(true, 'X-Autoreply: yes', { 'X-Autoreply': 'yes' }),
  by(false, 'X-Autoreply: no', { 'X-Autoreply': 'no' }),
  by(true, 'X-Autorespond', { 'X-Autorespond': 'yes' }),
  by(true, 'X-AutoReply-From', { 'X-AutoReply-From': 'jane@example.com' }),
  by(true, 'an empty Return-Path', { 'Return-Path': '<>' }),
  by(false, 'a Return-Path', { 'Return-Path': '<jane@example.com>' }),
  by(false, 'X-Auto-Response-Suppress alone', { 'X-Auto-Response-Suppress': 'All' }),
  by(true, 'X-Auto-Response-Suppress of an automatic reply', {
    'X-Auto-Response-Suppress': 'All',
    Subject: 'Automatic reply: Where is it?',
  }),
].map((mail) => {
  const subject = mail.name.endsWith('automatic reply') ? 'Automatic reply: Where is it?' : undefined;
  return subject === undefined ? mail : { ...mail, wanted: { ...mail.wanted, subject } };
});

const daemon = 'MAILER-DAEMON@mx.example';
const sent = bytesOf({ 'Message-ID': '<sent@desk.test>' });
const statusOf = (status: string): string => `Reporting-MTA: dns; mx.example\r\n\r\n${status}`;
const report = (status: string): Buffer =>
  parts(
    'b',
    'Content-Type: text/plain\r\n\r\nYour mail came back.',
    `Content-Type: message/delivery-status\r\n\r\n${statusOf(status)}`,
    Buffer.concat([Buffer.from('Content-Type: message/rfc822\r\n\r\n'), sent]),
  );
/** What is right of every such report. */
const returned = (status: string) => ({
  from: { name: null, address: daemon },
  answers: ['sent@desk.test'],
  text: 'Your mail came back.',
  files: [
    {
      fileName: 'delivery-status.txt',
      contentType: 'message/delivery-status',
      content: Buffer.from(statusOf(status)).toString('base64'),
    },
    { fileName: 'Where is it.eml', contentType: 'message/rfc822', content: sent.toString('base64') },
  ],
  isAutomatic: true,
});
const reported = { From: daemon, 'Content-Type': 'multipart/report; report-type=delivery-status; boundary=b' };

/** Reports by RFC 3464: the code, and whom the mail was to, stand in fields of the standard. */
const bounces: CorpusMail[] = (
  [
    [
      'an unknown person',
      'Final-Recipient: rfc822; a@x.example\r\nAction: failed\r\nStatus: 5.1.1',
      '5.1.1',
      'a@x.example',
    ],
    [
      'a full mailbox',
      'Final-Recipient: rfc822; a@x.example\r\nAction: failed\r\nStatus: 5.2.2',
      '5.2.2',
      'a@x.example',
    ],
    [
      'fields in another case',
      'FINAL-RECIPIENT: RFC822;a@x.example\r\nACTION: Failed\r\nSTATUS: 5.7.1',
      '5.7.1',
      'a@x.example',
    ],
    [
      'an original recipient',
      'Original-Recipient: rfc822; a@x.example\r\nAction: failed\r\nStatus: 5.0.0',
      '5.0.0',
      'a@x.example',
    ],
    [
      'a reply of the server',
      'Final-Recipient: rfc822; a@x.example\r\nAction: failed\r\nStatus: 5.1.1\r\nDiagnostic-Code: smtp; 550 5.1.1 No such user',
      '5.1.1',
      'a@x.example',
    ],
    [
      'a folded reply',
      'Final-Recipient: rfc822; a@x.example\r\nAction: failed\r\nStatus: 5.4.4\r\nDiagnostic-Code: smtp; 550\r\n no route',
      '5.4.4',
      'a@x.example',
    ],
    [
      'the second of two',
      'Final-Recipient: rfc822; a@x.example\r\nAction: delivered\r\nStatus: 2.0.0\r\n\r\nFinal-Recipient: rfc822; b@x.example\r\nAction: failed\r\nStatus: 5.1.2',
      '5.1.2',
      'b@x.example',
    ],
  ] as const
).map(([name, status, code, recipient]) => ({
  ...mailOf(`a bounce with ${name}`, reported, {}, report(status)),
  wanted: { ...returned(status), failure: { code, recipient } },
}));

const others: CorpusMail[] = ['delayed', 'delivered', 'relayed', 'expanded'].map((action) => {
  const status = `Final-Recipient: rfc822; a@x.example\r\nAction: ${action}\r\nStatus: 4.4.7`;
  return mailOf(`a report that a mail was ${action}`, reported, returned(status), report(status));
});

/** Programs that follow no standard say it in words. */
const inWords: CorpusMail[] = (
  [
    [
      'qmail',
      "Hi. This is the qmail-send program at mx.example.\nI'm afraid I wasn't able to deliver your message to the following addresses.\n\n<a@x.example>:\n550 5.1.1 No such user",
      '5.1.1',
    ],
    [
      'Exim',
      'A message that you sent could not be delivered to one or more of its recipients. This is a permanent error.\n\n  a@x.example\n    550 No such user',
      '550',
    ],
    [
      'Exchange',
      'Your message did not reach some or all of the intended recipients.\n\n  a@x.example\n  #550 5.1.10 not found',
      '5.1.10',
    ],
    ['a German server', 'Unzustellbar: a@x.example\n550 5.2.1 gesperrt', '5.2.1'],
  ] as const
).map(([name, text, code]) =>
  mailOf(
    `a bounce in the words of ${name}`,
    { From: daemon },
    { from: { name: null, address: daemon }, text, isAutomatic: true, failure: { code, recipient: 'a@x.example' } },
    text,
  ),
);

export const states: readonly CorpusMail[] = [...threads, ...automatic, ...bounces, ...others, ...inWords];
