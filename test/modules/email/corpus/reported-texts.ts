import iconv from 'iconv-lite';
import { bytesOf, type CorpusMail, mailOf, parts } from './corpus.js';

/** Texts and files of the forms that people report as misread elsewhere. */

const plain = (charset: string, text: string, body: string | Buffer): CorpusMail =>
  mailOf(`reported: text in ${charset}`, { 'Content-Type': `text/plain; charset=${charset}` }, { text }, body);

const charsets: CorpusMail[] = [
  plain('utf-7', 'Grüße ä', 'Gr+APwA3w-e +AOQ-'),
  plain('unicode-1-1-utf-7', 'Hi Mom -☺-!', 'Hi Mom -+Jjo--!'),
  plain('hz-gb-2312', '你好', '~{Dc:C~}'),
  plain('iso-2022-kr', '안녕 ok', Buffer.from('\x1b$)C\r\n\x0e>H3g\x0f ok', 'latin1')),
  plain('iso-2022-cn', '你好 ok', Buffer.from('\x1b$)A\x0eDc:C\x0f ok', 'latin1')),
  plain('iso-2022-jp', '日本', '\x1b$BF|K\\\x1b(B'),
  plain('cp850', 'Grüße', iconv.encode('Grüße', 'cp850')),
  plain('IBM437', 'Grüße', iconv.encode('Grüße', 'cp437')),
  plain('macintosh', 'Grüße', iconv.encode('Grüße', 'macroman')),
  plain('utf-16', 'Grüße', Buffer.concat([Buffer.from([0xff, 0xfe]), iconv.encode('Grüße', 'utf-16le')])),
  plain('unknown-8bit', 'Grüße', iconv.encode('Grüße', 'latin1')),
  plain('utf8mb4', 'Grüße', 'Grüße'),
  plain('windows-31j', '①日本', iconv.encode('①日本', 'cp932')),
  plain('iso-8859-8-i', 'שלום', iconv.encode('שלום', 'iso-8859-8')),
  mailOf(
    'reported: HTML that says its charset itself',
    { 'Content-Type': 'text/html' },
    { text: 'Привет' },
    Buffer.concat([Buffer.from('<meta charset=windows-1251><p>'), iconv.encode('Привет', 'win1251')]),
  ),
  mailOf(
    'reported: a subject in two words of iso-2022-jp',
    { Subject: '=?ISO-2022-JP?B?GyRCRnxLXBsoQg==?=\r\n =?ISO-2022-JP?B?GyRCOGwbKEI=?=' },
    { subject: '日本語' },
  ),
  mailOf(
    'reported: a subject whose character is parted',
    { Subject: '=?utf-8?Q?=C3?=\r\n =?utf-8?Q?=A4b?=' },
    { subject: 'äb' },
  ),
  mailOf(
    'reported: blanks within an encoded word',
    { Subject: '=?utf-8?Q?Hallo Welt=20=C3=A4?=' },
    { subject: 'Hallo Welt ä' },
  ),
  mailOf('reported: a word of gb2312 with more signs', { Subject: '=?gb2312?B?6YY=?=' }, { subject: '閱' }),
  mailOf(
    'reported: a text in uuencode',
    { 'Content-Transfer-Encoding': 'x-uuencode' },
    { text: 'Hello' },
    'begin 644 a.txt\n%2&5L;&\\\n`\nend\n',
  ),
];

const broken: CorpusMail[] = [
  {
    name: 'reported: lines that end with CR alone',
    raw: bytesOf({}, 'one\rtwo', '\r'),
    wanted: { text: 'one\ntwo' },
  },
  {
    name: 'reported: lines that end with CR CR LF',
    raw: bytesOf({}, 'one\r\r\ntwo', '\r\r\n'),
    wanted: { text: 'one\ntwo' },
  },
  {
    name: 'reported: no blank line before the text',
    raw: Buffer.from(bytesOf({}, 'Hello there').toString().replace('\r\n\r\n', '\r\n')),
    wanted: { text: 'Hello there' },
  },
  {
    name: 'reported: a greeting of a server first',
    raw: Buffer.concat([Buffer.from('220 ready when you are\r\n'), bytesOf({})]),
    wanted: {},
  },
  mailOf(
    'reported: a part without a blank line',
    { 'Content-Type': 'multipart/mixed; boundary=b' },
    { text: 'Hello there' },
    '--b\r\nHello there\r\n--b--\r\n',
  ),
  mailOf(
    'reported: no last boundary',
    { 'Content-Type': 'multipart/mixed; boundary=b' },
    { text: 'Hello', files: [{ fileName: 'a.csv', contentType: 'text/csv', content: 'MTsy' }] },
    '--b\r\nContent-Type: text/plain\r\n\r\nHello\r\n--b\r\nContent-Type: text/csv; name=a.csv\r\n\r\n1;2',
  ),
];

const html = (name: string, markup: string, text: string): CorpusMail =>
  mailOf(`reported: HTML with ${name}`, { 'Content-Type': 'text/html; charset=utf-8' }, { text }, markup);

const shown: CorpusMail[] = [
  html(
    'table cells',
    '<table><tr><td>Order</td><td>42</td></tr><tr><td>Name</td><td>Jane</td></tr></table>',
    'Order 42\nName Jane',
  ),
  html('comments for Outlook', '<!--[if mso]><p>mso</p><![endif]--><p>seen</p>', 'seen'),
  html('a style between', '<div>a</div><style>.x{}</style><div>b</div>', 'a\nb'),
  html('a picture in a URL', `<p>a</p><img src="data:image/png;base64,${'A'.repeat(500_000)}"><p>b</p>`, 'a\n\nb'),
  html(
    'a long quote before the answer',
    `<blockquote>${'<p>quoted line of an old mail</p>'.repeat(5_000)}</blockquote><p>The answer</p>`,
    'The answer',
  ),
  html(
    'a longer quote before the answer',
    `<blockquote>${'<p>quoted line of an old mail</p>'.repeat(15_000)}</blockquote><p>The answer</p>`,
    'The answer',
  ),
  mailOf(
    'reported: a long quote before the answer',
    {},
    { text: 'The answer' },
    `${'> quoted line\r\n'.repeat(9_000)}\r\nThe answer`,
  ),
  mailOf(
    'reported: an excuse beside HTML',
    { 'Content-Type': 'multipart/alternative; boundary=b' },
    { text: 'Hello' },
    parts(
      'b',
      'Content-Type: text/plain\r\n\r\nThis is a multi-part message in MIME format.',
      'Content-Type: text/html\r\n\r\n<p>Hello</p>',
    ),
  ),
  mailOf(
    'reported: a text of nothing that shows beside HTML',
    { 'Content-Type': 'multipart/alternative; boundary=b' },
    { text: 'Hello' },
    parts(
      'b',
      'Content-Type: text/plain; charset=utf-8\r\n\r\n\u00a0\u200b',
      'Content-Type: text/html\r\n\r\n<p>Hello</p>',
    ),
  ),
];

export const reportedTexts: readonly CorpusMail[] = [...charsets, ...broken, ...shown];
