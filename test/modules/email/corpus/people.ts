import iconv from 'iconv-lite';
import { type CorpusMail, mailOf, word } from './corpus.js';

/** Who wrote a mail and whom it is to, in the forms that people and programs write. */

const names: readonly [charset: string, name: string][] = [
  ['utf-8', 'Zoë Quinn'],
  ['utf-8', 'Jürgen Müller'],
  ['utf-8', 'Łukasz Żak'],
  ['utf-8', '山田 太郎'],
  ['utf-8', 'Мария Иванова'],
  ['utf-8', 'محمد علي'],
  ['iso-8859-1', 'René Dupré'],
  ['iso-8859-15', 'Œdipe'],
  ['windows-1251', 'Иван Петров'],
  ['koi8-r', 'Пётр'],
  ['gb18030', '王小明'],
  ['euc-kr', '김철수'],
];

const address = 'someone@example.com';

const encoded: CorpusMail[] = names.flatMap(([charset, name]) =>
  (['B', 'Q'] as const).flatMap((form) => [
    mailOf(
      `a name in ${charset}, ${form}: ${name}`,
      { From: `${word(name, charset, form)} <${address}>` },
      { from: { name, address } },
    ),
    mailOf(
      `a subject in ${charset}, ${form}: ${name}`,
      { Subject: `Re: ${word(name, charset, form)}` },
      { subject: `Re: ${name}` },
    ),
  ]),
);

const raw: CorpusMail[] = names
  .filter(([charset]) => charset === 'utf-8')
  .flatMap(([, name]) => [
    mailOf(`a raw name: ${name}`, { From: `${name} <${address}>` }, { from: { name, address } }),
    mailOf(`a raw subject: ${name}`, { Subject: name }, { subject: name }),
  ]);

const from = (given: string | Buffer, name: string | null, to = 'jane@example.com'): CorpusMail =>
  mailOf(`from ${given.toString('latin1' as never)}`, { From: given }, { from: { name, address: to } });

const senders: CorpusMail[] = [
  from('jane@example.com', null),
  from('<jane@example.com>', null),
  from('Jane <jane@example.com>', 'Jane'),
  from('"Jane" <jane@example.com>', 'Jane'),
  from('"Doe, Jane" <jane@example.com>', 'Doe, Jane'),
  from('Doe, Jane <jane@example.com>', 'Doe, Jane'),
  from('Acme, Inc. <jane@example.com>', 'Acme, Inc.'),
  from('jane@example.com (Jane Doe)', 'Jane Doe'),
  from('"Jane \\"JD\\" Doe" <jane@example.com>', 'Jane "JD" Doe'),
  from('Jane Doe<jane@example.com>', 'Jane Doe'),
  from('Jane   Doe   <jane@example.com>', 'Jane Doe'),
  from('Jane\r\n Doe <jane@example.com>', 'Jane Doe'),
  from('Jane Doe\r\n\t<jane@example.com>', 'Jane Doe'),
  from('Jane <mailto:jane@example.com>', 'Jane'),
  from('<JANE@Example.COM>', null, 'JANE@Example.COM'),
  from('jane+tag@example.com', null, 'jane+tag@example.com'),
  from("o'neil@example.com", null, "o'neil@example.com"),
  from('ja..ne@docomo.example', null, 'ja..ne@docomo.example'),
  from('ja.ne.@docomo.example', null, 'ja.ne.@docomo.example'),
  from('root@localhost', null, 'root@localhost'),
  from('jane@my_host.example', null, 'jane@my_host.example'),
  from('jane@xn--bcher-kva.example', null, 'jane@xn--bcher-kva.example'),
  from('jane@bücher.example', null, 'jane@bücher.example'),
  from('jäne@example.com', null, 'jäne@example.com'),
  from('Jane <jane@example.com>, Omar <omar@example.com>', 'Jane'),
  from('team: Jane <jane@example.com>;', 'Jane'),
  from("'Jane Doe' <jane@example.com>", 'Jane Doe'),
  // An address in the place of the name is none.
  from('"jane@example.com" <jane@example.com>', null),
  from('Jane <jane@example.com>,', 'Jane'),
  mailOf(
    'a Latin name that is declared as nothing',
    { From: iconv.encode('Jürgen <jane@example.com>', 'latin1') },
    { from: { name: 'Jürgen', address: 'jane@example.com' } },
  ),
  mailOf(
    'an encoded name with a comma',
    { From: `${word('Doe, Jane', 'utf-8', 'Q')} <jane@example.com>` },
    { from: { name: 'Doe, Jane', address: 'jane@example.com' } },
  ),
  mailOf(
    'a name in two encoded words',
    { From: `${word('Jür', 'utf-8', 'Q')} ${word('gen', 'utf-8', 'B')} <jane@example.com>` },
    { from: { name: 'Jürgen', address: 'jane@example.com' } },
  ),
  mailOf(
    'a name of words and encoded words',
    { From: `Jane ${word('Müller', 'iso-8859-1', 'Q')} <jane@example.com>` },
    { from: { name: 'Jane Müller', address: 'jane@example.com' } },
  ),
  mailOf(
    'Sender where From is none',
    { From: 'undisclosed', Sender: 'jo@x.example' },
    { from: { name: null, address: 'jo@x.example' } },
  ),
  mailOf(
    'Reply-To where From and Sender are missing',
    { From: '', 'Reply-To': 'Jo <jo@x.example>' },
    { from: { name: 'Jo', address: 'jo@x.example' } },
  ),
  mailOf(
    'Return-Path where all else is missing',
    { From: '', 'Return-Path': '<jo@x.example>' },
    { from: { name: null, address: 'jo@x.example' } },
  ),
  mailOf('nobody', { From: '' }, { from: null }),
];

const to = (name: string, headers: Record<string, string>, recipients: string[]): CorpusMail =>
  mailOf(`to ${name}`, headers, { recipients });

const recipients: CorpusMail[] = [
  to('one', { To: 'help@desk.test' }, ['help@desk.test']),
  to('upper case', { To: 'HELP@Desk.Test' }, ['help@desk.test']),
  to('two', { To: 'a@x.example, b@x.example' }, ['a@x.example', 'b@x.example']),
  to('names with commas', { To: '"Doe, A" <a@x.example>, "Roe, B" <b@x.example>' }, ['a@x.example', 'b@x.example']),
  to('the same twice', { To: 'a@x.example, A@x.example' }, ['a@x.example']),
  to('Cc', { Cc: 'c@x.example' }, ['help@desk.test', 'c@x.example']),
  to('Bcc', { To: '', Bcc: 'help@desk.test' }, ['help@desk.test']),
  to('nobody', { To: '' }, []),
  to('undisclosed people', { To: 'undisclosed-recipients:;' }, []),
  to('a group', { To: 'Team: a@x.example, b@x.example;' }, ['a@x.example', 'b@x.example']),
  to('whom it was delivered to first', { 'Delivered-To': 'in@desk.test' }, ['in@desk.test', 'help@desk.test']),
  to('the original recipient first', { 'X-Original-To': 'in@desk.test' }, ['in@desk.test', 'help@desk.test']),
  to('the forwarded recipient first', { 'X-Forwarded-To': 'in@desk.test' }, ['in@desk.test', 'help@desk.test']),
  to('an envelope first', { 'Envelope-To': 'in@desk.test' }, ['in@desk.test', 'help@desk.test']),
  to('a plus-address', { To: 'help+sales@desk.test' }, ['help+sales@desk.test']),
  to('folded lines', { To: 'a@x.example,\r\n b@x.example,\r\n\tc@x.example' }, [
    'a@x.example',
    'b@x.example',
    'c@x.example',
  ]),
  to(
    'many',
    { To: Array.from({ length: 300 }, (_, index) => `p${index}@x.example`).join(', ') },
    Array.from({ length: 300 }, (_, index) => `p${index}@x.example`),
  ),
  to('whom it was sent to again', { 'Resent-To': 'new@desk.test' }, ['help@desk.test', 'new@desk.test']),
];

export const people: readonly CorpusMail[] = [...encoded, ...raw, ...senders, ...recipients];
