import { bytesOf, type CorpusMail, encodings, mailOf, parts, written } from './corpus.js';

/** Texts in many charsets and encodings, and in many places of a mail. */

const samples: readonly [charset: string, text: string][] = [
  ['utf-8', 'Grüße aus Łódź, 東京 und Αθήνα 🙂'],
  ['UTF-8', 'naïve café — “quoted”'],
  ['us-ascii', 'plain old letters'],
  ['iso-8859-1', 'Crème brûlée für Åsa'],
  ['iso-8859-2', 'Žluťoučký kůň'],
  ['iso-8859-5', 'Съешь ещё этих'],
  ['iso-8859-7', 'Καλημέρα κόσμε'],
  ['iso-8859-9', 'İstanbul ığdır şöyle'],
  ['iso-8859-15', 'Preis: 10 € für Œuvre'],
  ['windows-1250', 'Příliš žluťoučký'],
  ['windows-1251', 'Привет, мир'],
  ['windows-1252', '“Smart” – 10 €'],
  ['windows-1253', 'Ελληνικά γράμματα'],
  ['windows-1254', 'Türkçe ğüşıöç'],
  ['windows-1255', 'שלום עולם'],
  ['windows-1256', 'مرحبا بالعالم'],
  ['windows-1257', 'Ąžuolas ėjo'],
  ['windows-1258', 'Đây là'],
  ['koi8-r', 'Широкая электрификация'],
  ['koi8-u', 'Їжак є'],
  ['shift_jis', '日本語のメールです'],
  ['euc-jp', '返品について'],
  ['gb18030', '您好，订单丢失了'],
  ['gbk', '退款申请'],
  ['gb2312', '你好世界'],
  ['big5', '繁體中文信件'],
  ['euc-kr', '안녕하세요 주문'],
  ['tis-620', 'สวัสดีครับ'],
];

const inCharsets: CorpusMail[] = samples.flatMap(([charset, text]) =>
  encodings.map((encoding) =>
    mailOf(
      `text in ${charset}, ${encoding}`,
      { 'Content-Type': `text/plain; charset=${charset}`, 'Content-Transfer-Encoding': encoding },
      { text },
      written(text, charset, encoding),
    ),
  ),
);

/** HTML says what it says in its own entities, and the text is read from it. */
const html: CorpusMail[] = (
  [
    ['a paragraph', '<p>Hello</p>', 'Hello'],
    ['entities', '<p>R&eacute;sum&eacute; &amp; &lt;tags&gt; &#8364; &#x41;</p>', 'Résumé & <tags> € A'],
    ['line breaks', 'one<br>two<br/>three', 'one\ntwo\nthree'],
    ['blocks', '<div>one</div><div>two</div>', 'one\ntwo'],
    ['paragraphs', '<p>one</p><p>two</p>', 'one\n\ntwo'],
    ['no style', '<style>p{color:red}</style><p>seen</p>', 'seen'],
    ['no script', '<script>alert(1)</script><p>seen</p>', 'seen'],
    ['no comment', '<p>se<!-- hidden -->en</p>', 'seen'],
    ['no title', '<html><head><title>Mail</title></head><body>seen</body></html>', 'seen'],
    ['white space of the source', '<p>\n  one\n  two\n</p>', 'one two'],
    ['inline marks', '<p><b>bo</b><i>ld</i></p>', 'bold'],
    ['an upper-case document', '<HTML><BODY><P>seen</P></BODY></HTML>', 'seen'],
  ] as const
).flatMap(([name, markup, text]) => [
  mailOf(`HTML with ${name}`, { 'Content-Type': 'text/html; charset=utf-8' }, { text }, markup),
  mailOf(
    `HTML with ${name} beside a blank text`,
    { 'Content-Type': 'multipart/alternative; boundary=b' },
    { text },
    parts('b', 'Content-Type: text/plain\r\n\r\n \r\n', `Content-Type: text/html; charset=utf-8\r\n\r\n${markup}`),
  ),
]);

const inTheMiddle: CorpusMail[] = [
  mailOf('a body with LF alone', {}, { text: 'one\ntwo' }, 'one\ntwo'),
  { name: 'a mail with LF alone', raw: bytesOf({}, 'one\ntwo', '\n'), wanted: { text: 'one\ntwo' } },
  mailOf('blank lines before the text', {}, { text: 'Hello' }, '\r\n\r\nHello'),
  mailOf('blank lines behind the text', {}, { text: 'Hello' }, 'Hello\r\n\r\n\r\n'),
  mailOf('blank lines within', {}, { text: 'one\n\n\ntwo' }, 'one\r\n\r\n\r\ntwo'),
  mailOf('no body', {}, { text: '' }, ''),
  mailOf('a line with a dot', {}, { text: 'one\n.\ntwo' }, 'one\r\n.\r\ntwo'),
  mailOf('quoted lines', {}, { text: 'Yes.\n\n> Is it?' }, 'Yes.\r\n\r\n> Is it?'),
  mailOf(
    'UTF-8 that is declared as Latin',
    { 'Content-Type': 'text/plain; charset=iso-8859-1' },
    { text: 'Grüße' },
    'Grüße',
  ),
  mailOf('Latin that is declared as nothing', {}, { text: 'Grüße' }, Buffer.from('Grüße', 'latin1')),
  mailOf(
    'Latin that is declared as UTF-8',
    { 'Content-Type': 'text/plain; charset=utf-8' },
    { text: 'Grüße' },
    Buffer.from('Grüße', 'latin1'),
  ),
  mailOf('an unknown charset', { 'Content-Type': 'text/plain; charset=x-none' }, { text: 'Grüße' }, 'Grüße'),
  mailOf('an unknown encoding', { 'Content-Transfer-Encoding': 'x-none' }, { text: 'Hello' }, 'Hello'),
  mailOf(
    'a quoted charset',
    { 'Content-Type': 'text/plain; charset="koi8-r"' },
    { text: 'мир' },
    written('мир', 'koi8-r', '8bit'),
  ),
  mailOf('a type in upper case', { 'Content-Type': 'TEXT/PLAIN; CHARSET=UTF-8' }, { text: 'Grüße' }, 'Grüße'),
  mailOf('soft line breaks', { 'Content-Transfer-Encoding': 'quoted-printable' }, { text: 'one two' }, 'one=\r\n two'),
  mailOf(
    'base64 in short lines',
    { 'Content-Transfer-Encoding': 'base64' },
    { text: 'Hello there' },
    'SGVs\r\nbG8g\r\ndGhl\r\ncmU=\r\n',
  ),
];

export const texts: readonly CorpusMail[] = [...inCharsets, ...html, ...inTheMiddle];
