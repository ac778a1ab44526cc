import { type CorpusMail, mailOf, type Wanted } from './corpus.js';

/** Multipart mails whose boundaries are declared wrongly or not at all, and texts of unusual kinds. */

const csv = (fileName = 'a.csv') => ({ fileName, contentType: 'text/csv', content: 'MTsy' });
const hello = 'Content-Type: text/plain\r\n\r\nHello';
const table = 'Content-Type: text/csv; name=a.csv\r\n\r\n1;2';
const multipart = (name: string, type: string, body: string, wanted: Partial<Wanted> = {}): CorpusMail =>
  mailOf(`a multipart with ${name}`, { 'Content-Type': type }, { files: [csv()], ...wanted }, body);
const between = (boundary: string, end = `--${boundary}--\r\n`): string =>
  `--${boundary}\r\n${hello}\r\n--${boundary}\r\n${table}\r\n${end}`;

const boundaries: CorpusMail[] = [
  multipart('no boundary', 'multipart/mixed', between('=_x1')),
  multipart('no boundary and a preamble', 'multipart/mixed', `This is a multi-part message.\r\n\r\n${between('=_x1')}`),
  multipart('no boundary and no end', 'multipart/mixed', between('=_x1', '')),
  multipart('another boundary', 'multipart/mixed; boundary=zzz', between('=_x1')),
  multipart('a boundary in pieces', 'multipart/mixed; boundary*0=ab; boundary*1=cd', between('abcd')),
  multipart('a boundary with a blank behind', 'multipart/mixed; boundary="abc "', between('abc')),
  multipart('a boundary with blanks', 'multipart/mixed; boundary="a b c"', between('a b c')),
  multipart('a quote in its boundary', 'multipart/mixed; boundary="a\\"b"', between('a"b')),
  multipart('a boundary in single quotes', "multipart/mixed; boundary='abc'", between("'abc'")),
  multipart('a comment behind its boundary', 'multipart/mixed; boundary=abc (the boundary)', between('abc')),
  multipart('a folded boundary', 'multipart/mixed;\r\n\tboundary=\r\n\t"abc"', between('abc')),
  multipart(
    'no boundary within another',
    'multipart/mixed; boundary=out',
    `--out\r\nContent-Type: multipart/alternative\r\n\r\n--in\r\n${hello}\r\n--in--\r\n--out\r\n${table}\r\n--out--\r\n`,
  ),
  multipart(
    'the boundary of the one around it',
    'multipart/mixed; boundary=b',
    `--b\r\nContent-Type: multipart/alternative; boundary=b\r\n\r\n--b\r\n${hello}\r\n--b--\r\n--b\r\n${table}\r\n--b--\r\n`,
  ),
  multipart('an epilogue', 'multipart/mixed; boundary=b', `${between('b')}the end\r\n`),
  multipart('no boundary in it', 'multipart/mixed', 'Hello -- there', { text: 'Hello -- there', files: [] }),
  multipart('dashes and no boundary in it', 'multipart/mixed', 'Hello\r\n-- \r\nJane', {
    text: 'Hello\n-- \nJane',
    files: [],
  }),
  {
    name: 'a multipart with no blank line before its first boundary',
    raw: Buffer.from(
      multipart('', 'multipart/mixed; boundary=b', between('b')).raw.toString().replace('\r\n\r\n', '\r\n'),
    ),
    wanted: { files: [csv()] },
  },
];

const part = (name: string, lines: string, wanted: Partial<Wanted>): CorpusMail =>
  mailOf(
    `a further part: ${name}`,
    { 'Content-Type': 'multipart/mixed; boundary=b' },
    wanted,
    `--b\r\n${hello}\r\n--b\r\n${lines}\r\n--b--\r\n`,
  );
const log = { files: [{ fileName: 'log.txt', contentType: 'text/plain', content: 'b25l' }] };
const furtherParts: CorpusMail[] = [
  part('a text with a name', 'Content-Type: text/plain; name=log.txt\r\n\r\none', log),
  part(
    'a text that is shown under its name',
    'Content-Type: text/plain\r\nContent-Disposition: inline; filename=log.txt\r\n\r\none',
    log,
  ),
  part('a page with a name', 'Content-Type: text/html; name=a.html\r\n\r\n<b>', {
    files: [{ fileName: 'a.html', contentType: 'text/html', content: 'PGI+' }],
  }),
  part('a text without a name', 'Content-Type: text/plain\r\n\r\nand more', { text: 'Hello\n\nand more' }),
  part('rich text', 'Content-Type: text/rtf\r\n\r\n{}', {
    files: [{ fileName: 'text.rtf', contentType: 'text/rtf', content: 'e30=' }],
  }),
  part('a name that turns around', "Content-Type: text/csv; name*=utf-8''a%E2%80%AEvsc.exe\r\n\r\n1;2", {
    files: [csv('avsc.exe')],
  }),
  part('a long name', `Content-Type: text/csv; name=${'a'.repeat(300)}.csv\r\n\r\n1;2`, {
    files: [csv(`${'a'.repeat(251)}.csv`)],
  }),
  part('a name that ends in a sentence', `Content-Type: text/csv; name="${'a '.repeat(200)}. The end"\r\n\r\n1;2`, {
    files: [csv(`${'a '.repeat(127)}a`)],
  }),
];

const kind = (type: string, said: string, text: string, more: Partial<Wanted> = {}): CorpusMail[] => [
  mailOf(`${type} alone: ${said}`, { 'Content-Type': type }, { text, ...more }, said),
  mailOf(
    `${type} as the only part: ${said}`,
    { 'Content-Type': 'multipart/alternative; boundary=b' },
    { text, ...more },
    `--b\r\nContent-Type: ${type}\r\n\r\n${said}\r\n--b--\r\n`,
  ),
];
const kinds: CorpusMail[] = [
  ...kind('text/enriched', '<bold>Now</bold> is\r\nthe <italic>time</italic>\r\n\r\nfor us', 'Now is the time\nfor us'),
  ...kind('text/enriched', '1 << 2 <fontfamily><param>Arial</param>and 2 > 1</fontfamily>', '1 < 2 and 2 > 1'),
  ...kind('text/richtext', 'One<nl>two<comment>hidden</comment><lt>b>', 'One\ntwo<b>'),
  ...kind('text/markdown; charset=utf-8', '# Grüße', '# Grüße'),
  ...kind('plain/text; charset=utf-8', 'Grüße', 'Grüße'),
  ...kind('text/rtf', '{}', '', { files: [{ fileName: 'text.rtf', contentType: 'text/rtf', content: 'e30=' }] }),
  mailOf(
    'flowed text with an answer below a quote',
    { 'Content-Type': 'text/plain; format=flowed' },
    { text: '> We have ten seats.\nYes, please.' },
    '> We have ten \r\n> seats. \r\nYes, please.',
  ),
  mailOf(
    'a mail with quotedprintable in one word',
    { 'Content-Type': 'text/plain; charset=utf-8', 'Content-Transfer-Encoding': 'quotedprintable' },
    { text: 'ä' },
    '=C3=A4',
  ),
];

export const multiparts: readonly CorpusMail[] = [...boundaries, ...furtherParts, ...kinds];
