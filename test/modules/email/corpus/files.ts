import { bytesOf, type CorpusMail, mailOf, parts, word } from './corpus.js';

/** Files in the places and with the names that mail programs give them. */

const fileNames = [
  'invoice.pdf',
  'Rechnung März.pdf',
  'два слова.txt',
  '請求書.xlsx',
  'a b c.txt',
  'semi;colon.txt',
  "it's.txt",
  'dots.in.the.name.tar.gz',
  'emoji 🙂.png',
];

const content = Buffer.from('%PDF-1.4 \x00\x01\xff', 'latin1');
const base64 = content.toString('base64');
const percent = (name: string): string =>
  encodeURIComponent(name).replace(/['()*]/g, (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`);

const dispositions: readonly [form: string, of: (name: string) => string][] = [
  ['RFC 2231', (name) => `attachment; filename*=utf-8''${percent(name)}`],
  ['a quoted string', (name) => `attachment; filename="${name}"`],
  ['an encoded word', (name) => `attachment; filename="${word(name, 'utf-8', 'B')}"`],
  [
    'RFC 2231 in pieces',
    (name) => {
      const all = percent(name);
      // A piece ends before a percent sign or behind its two digits.
      const half = all.slice(0, Math.ceil(all.length / 2)).replace(/%.?$/, '');
      return `attachment;\r\n filename*0*=utf-8''${half};\r\n filename*1*=${all.slice(half.length)}`;
    },
  ],
];

const named: CorpusMail[] = fileNames.flatMap((fileName) =>
  dispositions.map(([form, disposition]) =>
    mailOf(
      `a file ${fileName} by ${form}`,
      { 'Content-Type': 'multipart/mixed; boundary=b' },
      { files: [{ fileName, contentType: 'application/pdf', content: base64 }] },
      parts(
        'b',
        'Content-Type: text/plain\r\n\r\nHello',
        `Content-Type: application/pdf\r\nContent-Disposition: ${disposition(fileName)}\r\nContent-Transfer-Encoding: base64\r\n\r\n${base64}`,
      ),
    ),
  ),
);

const file = (fileName: string, contentType: string, said: string) => ({
  fileName,
  contentType,
  content: Buffer.from(said).toString('base64'),
});

const text = 'Content-Type: text/plain\r\n\r\nHello';
const mixed = { 'Content-Type': 'multipart/mixed; boundary=b' };
const forwarded = bytesOf({ Subject: 'The first one', From: 'omar@example.com' }, 'Before');

const placed: CorpusMail[] = [
  mailOf(
    'a name in the type alone',
    mixed,
    { files: [file('a.csv', 'text/csv', '1;2')] },
    parts('b', text, 'Content-Type: text/csv; name=a.csv\r\nContent-Disposition: attachment\r\n\r\n1;2'),
  ),
  mailOf(
    'two files',
    mixed,
    { files: [file('a.csv', 'text/csv', '1'), file('b.csv', 'text/csv', '2')] },
    parts(
      'b',
      text,
      'Content-Type: text/csv\r\nContent-Disposition: attachment; filename=a.csv\r\n\r\n1',
      'Content-Type: text/csv\r\nContent-Disposition: attachment; filename=b.csv\r\n\r\n2',
    ),
  ),
  mailOf(
    'a file before the text',
    mixed,
    { files: [file('a.csv', 'text/csv', '1')] },
    parts('b', 'Content-Type: text/csv\r\nContent-Disposition: attachment; filename=a.csv\r\n\r\n1', text),
  ),
  mailOf(
    'a file alone',
    {
      'Content-Type': 'application/pdf',
      'Content-Disposition': 'attachment; filename=a.pdf',
      'Content-Transfer-Encoding': 'base64',
    },
    { text: '', files: [{ fileName: 'a.pdf', contentType: 'application/pdf', content: base64 }] },
    base64,
  ),
  mailOf(
    'an empty file',
    mixed,
    { files: [file('a.csv', 'text/csv', '')] },
    parts('b', text, 'Content-Type: text/csv\r\nContent-Disposition: attachment; filename=a.csv\r\n\r\n'),
  ),
  mailOf(
    'an invitation',
    mixed,
    { files: [file('invite.ics', 'text/calendar', 'BEGIN:VCALENDAR')] },
    parts('b', text, 'Content-Type: text/calendar; method=REQUEST\r\n\r\nBEGIN:VCALENDAR'),
  ),
  mailOf(
    'a card',
    mixed,
    { files: [file('contact.vcf', 'text/vcard', 'BEGIN:VCARD')] },
    parts('b', text, 'Content-Type: text/vcard\r\n\r\nBEGIN:VCARD'),
  ),
  mailOf(
    'a signature',
    { 'Content-Type': 'multipart/signed; boundary=b' },
    { files: [file('signature.asc', 'application/pgp-signature', 'signed')] },
    parts('b', text, 'Content-Type: application/pgp-signature\r\n\r\nsigned'),
  ),
  mailOf(
    'a TNEF file',
    mixed,
    { files: [file('winmail.dat', 'application/ms-tnef', 'tnef')] },
    parts('b', text, 'Content-Type: application/ms-tnef\r\n\r\ntnef'),
  ),
  mailOf(
    'a forwarded mail',
    mixed,
    {
      files: [{ fileName: 'The first one.eml', contentType: 'message/rfc822', content: forwarded.toString('base64') }],
    },
    parts('b', text, Buffer.concat([Buffer.from('Content-Type: message/rfc822\r\n\r\n'), forwarded])),
  ),
  mailOf(
    'a picture in the HTML',
    { 'Content-Type': 'multipart/related; boundary=b' },
    { text: 'Hello', files: [file('logo.png', 'image/png', 'png')] },
    parts(
      'b',
      'Content-Type: text/html\r\n\r\n<p>Hello</p>',
      'Content-Type: image/png; name=logo.png\r\nContent-ID: <logo@x>\r\nContent-Disposition: inline\r\n\r\npng',
    ),
  ),
  mailOf(
    'a type that is none',
    mixed,
    { files: [file('a.bin', 'application/octet-stream', 'x')] },
    parts('b', text, 'Content-Type: nothing\r\nContent-Disposition: attachment; filename=a.bin\r\n\r\nx'),
  ),
  mailOf(
    'a path as a name',
    mixed,
    { files: [file('C:_temp_a.csv', 'text/csv', '1')] },
    parts(
      'b',
      text,
      'Content-Type: text/csv\r\nContent-Disposition: attachment; filename="C:\\\\temp\\\\a.csv"\r\n\r\n1',
    ),
  ),
];

export const files: readonly CorpusMail[] = [...named, ...placed];
