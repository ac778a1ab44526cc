import { afterAnswer, comes, type MailStory, say } from './story.js';

/** What a mail does to the status and the unread count, and what becomes no message. */

const reopened: MailStory[] = (['CLOSED', 'ARCHIVED', 'SNOOZED'] as const).flatMap((status) => [
  afterAnswer(`an answer to a ${status} conversation`, { 'In-Reply-To': '<$answer>' }, undefined, undefined, {
    set: status,
    of: 'first',
  }),
  afterAnswer(
    `an answer by subject to a ${status} conversation`,
    { Subject: 'AW: Parcel % is late' },
    undefined,
    undefined,
    {
      set: status,
      of: 'first',
    },
  ),
]);

const still = { thread: 'first', status: 'CLOSED', unread: 0, isAutomatic: true } as const;
const automatic: MailStory[] = (
  [
    ['Auto-Submitted', { 'Auto-Submitted': 'auto-replied' }],
    ['Precedence', { Precedence: 'bulk' }],
    ['X-Autoreply', { 'X-Autoreply': 'yes' }],
    ['an automatic subject', { Subject: 'Automatic reply: Parcel % is late', 'X-Auto-Response-Suppress': 'All' }],
  ] as const
).map(([name, headers]) =>
  afterAnswer(
    `an automatic answer by ${name} opens nothing`,
    { 'In-Reply-To': '<$answer>', ...headers },
    still,
    undefined,
    {
      set: 'CLOSED',
      of: 'first',
    },
  ),
);

const daemon = { From: 'MAILER-DAEMON@mx.example', 'Return-Path': '<>' };
const reportType = 'multipart/report; report-type=delivery-status; boundary=b';
const report = (action: string, id: string): string =>
  [
    '--b',
    'Content-Type: text/plain',
    '',
    'About your mail.',
    '--b',
    'Content-Type: message/delivery-status',
    '',
    'Reporting-MTA: dns; mx.example',
    '',
    `Final-Recipient: rfc822; jane%@x.example\r\nAction: ${action}\r\nStatus: ${action === 'failed' ? '5.1.1' : '4.4.7'}`,
    '--b',
    'Content-Type: text/rfc822-headers',
    '',
    `Message-ID: <${id}>`,
    '--b--',
    '',
  ].join('\r\n');

const bounced = { thread: 'first', isAutomatic: true } as const;
const bounces: MailStory[] = [
  afterAnswer('a bounce', { ...daemon, 'Content-Type': reportType }, bounced, report('failed', '$answer'), {
    set: 'CLOSED',
    of: 'first',
  }),
  afterAnswer(
    'a bounce of a mail that the relay passed on under its own id',
    { ...daemon, 'Content-Type': reportType },
    bounced,
    report('failed', '0102018f%aaaaaaaa-000000@email.amazonses.com'),
    { passedOnAs: '0102018f%aaaaaaaa-000000', by: 'answer' },
  ),
  afterAnswer('a delay', { ...daemon, 'Content-Type': reportType }, still, report('delayed', '$answer'), {
    set: 'CLOSED',
    of: 'first',
  }),
  afterAnswer(
    'a bounce of qmail',
    daemon,
    bounced,
    "Hi. This is the qmail-send program at mx.example.\nI'm afraid I wasn't able to deliver your message to the following addresses.\n\n<jane%@x.example>:\n550 5.1.1 No such user\n\n--- Below this line is a copy of the message.\n\nMessage-ID: <$answer>\n",
  ),
  {
    name: 'a bounce of nothing of ours',
    steps: [
      comes(
        'last',
        { ...daemon, 'Content-Type': reportType },
        { isAutomatic: true },
        report('failed', 'other%@x.example'),
      ),
    ],
  },
];

const same = { outcome: 'SAME', thread: 'first' } as const;
const toTwo = { 'Message-ID': '<two.%@x.example>', To: 'help@desk.test, sales@desk.test' };
const once: MailStory[] = [
  { name: 'the same mail again', steps: [comes('first'), comes('first', {}, same)] },
  {
    name: 'the same answer again',
    steps: [
      comes('question'),
      comes('first', { 'In-Reply-To': '<$question>' }, { thread: 'question', unread: 2 }),
      comes('first', { 'In-Reply-To': '<$question>' }, { ...same, unread: 2 }),
    ],
  },
  {
    name: 'the same answer by subject again',
    steps: [
      comes('question'),
      comes('first', { Subject: 'Re: Parcel % is late' }, { thread: 'question', unread: 2 }),
      comes('first', { Subject: 'Re: Parcel % is late' }, { ...same, unread: 2 }),
    ],
  },
  {
    name: 'the same mail to two channels',
    steps: [
      comes('first', { ...toTwo, 'Delivered-To': 'help@desk.test' }, {}, 'Hello'),
      comes('second', { ...toTwo, 'Delivered-To': 'sales@desk.test' }, {}, 'Hello'),
      comes('third', { ...toTwo, 'Delivered-To': 'help@desk.test' }, same, 'Hello'),
    ],
  },
  {
    name: 'a form with one Message-ID for all',
    steps: [
      comes('first', {
        'Message-ID': '<form@shop.example>',
        From: 'no-reply@shop.example',
        'Reply-To': 'ann%@x.example',
        Subject: 'New message',
      }),
      comes('second', {
        'Message-ID': '<form@shop.example>',
        From: 'no-reply@shop.example',
        'Reply-To': 'bob%@x.example',
        Subject: 'New message',
      }),
    ],
  },
  {
    name: 'a copy of what the team sent',
    steps: [
      comes('question'),
      say('first', 'question'),
      comes(
        'copy',
        { 'Message-ID': '<$first>', From: 'help@desk.test', To: 'jane%@x.example', Bcc: 'help@desk.test' },
        { outcome: 'SAME', thread: 'first', direction: 'OUTBOUND' },
      ),
    ],
  },
];

const team: MailStory[] = [
  afterAnswer(
    'an answer of an agent from the own mail program',
    { From: 'Ada <ada@desk.test>', To: 'jane%@x.example', Cc: 'help@desk.test', 'In-Reply-To': '<$first>' },
    { thread: 'first', direction: 'OUTBOUND', unread: 0 },
  ),
  {
    name: 'a mail of an agent to a customer',
    steps: [
      comes(
        'first',
        { From: 'ada@desk.test', To: 'jane%@x.example', Cc: 'help@desk.test' },
        { direction: 'OUTBOUND', unread: 0 },
      ),
    ],
  },
  {
    name: 'a mail of a channel to a customer',
    steps: [
      comes(
        'first',
        { From: 'sales@desk.test', To: 'jane%@x.example, help@desk.test' },
        { direction: 'OUTBOUND', unread: 0 },
      ),
    ],
  },
  {
    name: 'a mail of an agent to the team',
    steps: [comes('first', { From: 'ada@desk.test' }, { outcome: 'TEAM_ONLY' })],
  },
  {
    name: 'a mail through a channel, with who wrote it in Reply-To',
    steps: [comes('first', { From: 'sales@desk.test', 'Reply-To': 'Jane <jane%@x.example>' })],
  },
  {
    name: 'a mail of a list, and an answer to it there',
    steps: [
      comes('first', {
        From: 'Jane via Help <help@desk.test>',
        'Reply-To': 'jane%@x.example',
        'List-Id': '<help.desk.test>',
      }),
      comes(
        'last',
        {
          From: 'Omar via Help <help@desk.test>',
          'Reply-To': 'omar%@x.example',
          'List-Id': '<help.desk.test>',
          'In-Reply-To': '<$first>',
        },
        { thread: 'first', unread: 2 },
      ),
    ],
  },
  {
    name: 'a mail that an agent passes on',
    steps: [
      comes(
        'first',
        { From: 'omar%@x.example', Subject: 'Fwd: Parcel % is late' },
        {},
        '-------- Forwarded Message --------\nFrom: jane@x.example\n\nHello',
      ),
    ],
  },
];

const refused: MailStory[] = [
  { name: 'a mail of nobody', steps: [comes('first', { From: '' }, { outcome: 'NO_SENDER' })] },
  {
    name: 'a mail to nobody here',
    steps: [comes('first', { To: 'other@elsewhere.example' }, { outcome: 'UNKNOWN_RECIPIENT' })],
  },
  {
    name: 'a mail of a blocked domain',
    steps: [comes('first', { From: 'x@mail.spam.example' }, { outcome: 'BLOCKED_SENDER' })],
  },
  {
    name: 'an answer of a blocked domain',
    steps: [
      comes('question'),
      comes('first', { From: 'x@spam.example', 'In-Reply-To': '<$question>' }, { outcome: 'BLOCKED_SENDER' }),
    ],
  },
  {
    name: 'a mail of somebody who is suspended',
    steps: [comes('first'), { set: 'SUSPENDED', of: 'first' }, comes('last', {}, { outcome: 'SUSPENDED_SENDER' })],
  },
  {
    name: 'an answer to somebody who was deleted',
    steps: [
      comes('first'),
      { set: 'DELETED', of: 'first' },
      comes('last', { 'In-Reply-To': '<$first>', From: 'omar%@x.example' }),
    ],
  },
];

export const states: readonly MailStory[] = [...reopened, ...automatic, ...bounces, ...once, ...team, ...refused];
