import iconv from 'iconv-lite';
import { describe, expect, test } from 'vitest';
import { mailBounds } from '../../../src/modules/conversation/message/mail/message.bounds.js';
import { mailIn } from '../../../src/modules/email/inbound/reading/inbound-email.envelope.js';
import { parseMail } from '../../../src/modules/email/inbound/reading/inbound-email.parse.js';
import { mail, multipart } from '../../kit/mail.js';

const latin1 = (text: string): Buffer => Buffer.from(text, 'latin1');
const parse = (raw: string | Buffer) => parseMail(Buffer.from(raw));
const text = (type: string, body: Buffer, encoding = '8bit'): Buffer =>
  Buffer.concat([latin1(mail({ 'Content-Type': type, 'Content-Transfer-Encoding': encoding }, '')), body]);
const base64 = (bytes: Buffer): Buffer => latin1(bytes.toString('base64'));
const jis = Buffer.from('1b2442467c4b5c1b2842', 'hex');

describe('the text of a mail is read', () => {
  test.each<[string, Buffer, string]>([
    ['that is UTF-8 and says Latin', text('text/plain; charset=iso-8859-1', Buffer.from('Grüße')), 'Grüße'],
    ['that is Latin and says UTF-8', text('text/plain; charset=utf-8', latin1('Gr\xfc\xdfe')), 'Grüße'],
    ['that is Latin and says nothing', text('text/plain', latin1('Gr\xfc\xdfe')), 'Grüße'],
    ['that is Latin and has no headers for it', Buffer.concat([latin1(mail({}, '')), latin1('Gr\xfc\xdfe')]), 'Grüße'],
    ['in ISO-2022-JP', text('text/plain; charset=ISO-2022-JP', jis, '7bit'), '日本'],
    ['in ISO-2022-JP that says ASCII', text('text/plain; charset=us-ascii', jis, '7bit'), '日本'],
    ['in ISO-2022-KR', text('text/plain; charset=iso-2022-kr', latin1('\x1b$)C\x0e>H3g\x0f')), '안녕'],
    ['in HZ', text('text/plain; charset=hz-gb-2312', latin1('~{<:Ky~}')), '己所'],
    ['in cp850', text('text/plain; charset=cp850', latin1('Gr\x81\xe1e')), 'Grüße'],
    ['in cp949', text('text/plain; charset=ks_c_5601-1987', iconv.encode('똠방', 'cp949')), '똠방'],
    ['in UTF-7', text('text/plain; charset=utf-7', latin1('+ZeVnLIqe-'), '7bit'), '日本語'],
    [
      'in UTF-16 by its mark',
      text('text/plain; charset=utf-16', base64(iconv.encode('Grüße', 'utf-16be', { addBOM: true })), 'base64'),
      'Grüße',
    ],
    [
      'in raw UTF-16',
      text('text/plain; charset=utf-16le', iconv.encode('Grüße\r\nan alle\r\n', 'utf-16le')),
      'Grüße\nan alle',
    ],
    [
      'in the charset of the page',
      text('text/html', iconv.encode('<meta charset="koi8-r"><p>Привет', 'koi8-r')),
      'Привет',
    ],
    [
      'in the charset of the page, said the old way',
      text(
        'text/html',
        iconv.encode(
          '<META HTTP-EQUIV=content-type CONTENT="text/html; charset=windows-1251"><p>Привет',
          'windows-1251',
        ),
      ),
      'Привет',
    ],
    ['in an unknown charset', text('text/plain; charset=x-unknown', latin1('\x805')), '€5'],
    [
      'quoted and of more bytes a character',
      text('text/plain; charset=gb2312', latin1('=C4=A3=D1=F9'), 'quoted-printable'),
      '模样',
    ],
    [
      'quoted, with blanks at the ends of lines',
      text('text/plain', latin1('one =  \r\ntwo=\r\n=XY'), 'quoted-printable'),
      'one two=XY',
    ],
    [
      'that says base64 and is none',
      text('text/plain', latin1('Plain words, no code.'), 'base64'),
      'Plain words, no code.',
    ],
    [
      'in a flow of lines',
      text('text/plain; charset=iso-8859-1; format=flowed', latin1('Gr\xfc\xdfe \r\nan alle\r\n')),
      'Grüße an alle',
    ],
    ['whose parts have no boundary', text('multipart/mixed; boundary=never', latin1('Hello there')), 'Hello there'],
    ['whose type is none', text('text', latin1('Hello there')), 'Hello there'],
    [
      'after a mark and blank lines',
      Buffer.concat([latin1('\xef\xbb\xbf\r\n\r\n'), latin1(mail({}, 'Hello there'))]),
      'Hello there',
    ],
    [
      'out of a mailbox file',
      Buffer.concat([latin1('From jane@x.example Fri Mar 13 10:00:00 2026\r\n'), latin1(mail({}, 'Hello there'))]),
      'Hello there',
    ],
  ])('%s', async (_what, raw, expected) => {
    expect((await parse(raw)).text).toBe(expected);
  });
});

describe('the headers of a mail are read', () => {
  test.each<[string, Buffer, string]>([
    ['raw Latin', latin1('R\xfcckgabe'), 'Rückgabe'],
    ['raw UTF-8', Buffer.from('Rückgabe'), 'Rückgabe'],
    ['raw ISO-2022-JP', jis, '日本'],
    ['words that say UTF-8 and are Latin', latin1('=?utf-8?Q?R=FCckgabe?='), 'Rückgabe'],
    ['words that say Latin and are UTF-8', latin1('=?iso-8859-1?Q?R=C3=BCckgabe?='), 'Rückgabe'],
    ['words in ISO-2022-JP', latin1(`=?iso-2022-jp?B?${jis.toString('base64')}?=`), '日本'],
    ['words in cp850', latin1('=?cp850?Q?Gr=81=E1e?='), 'Grüße'],
    ['words in cp949', latin1(`=?ks_c_5601-1987?B?${iconv.encode('똠방', 'cp949').toString('base64')}?=`), '똠방'],
    ['words in UTF-7', latin1('=?utf-7?Q?+ZeVnLIqe-?='), '日本語'],
    ['words in HZ', latin1('=?hz-gb-2312?Q?~{<:Ky~}?='), '己所'],
    [
      'a character that begins in one word and ends in the next',
      latin1('=?utf-8?Q?R=C3?=\r\n =?utf-8?Q?=BCck?='),
      'Rück',
    ],
    ['a character across words with padding', latin1('=?utf-8?B?w7zDvA==?= =?utf-8?B?w7w=?='), 'üüü'],
    ['folded raw Latin', latin1('R\xfcck\r\n gabe'), 'Rück gabe'],
  ])('%s', async (_what, subject, expected) => {
    const raw = Buffer.concat([latin1('From: a@b.example\r\nSubject: '), subject, latin1('\r\n\r\nHello')]);
    expect((await parse(raw)).subject).toBe(expected);
  });

  test('in the charset of the text when they are raw', async () => {
    const raw = Buffer.concat([
      latin1('Content-Type: text/plain; charset=koi8-r\r\nSubject: '),
      iconv.encode('Привет', 'koi8-r'),
      latin1('\r\nFrom: '),
      iconv.encode('Иван', 'koi8-r'),
      latin1(' <a@b.example>\r\n\r\n'),
    ]);
    expect(await parse(raw)).toMatchObject({ subject: 'Привет', from: { name: 'Иван' } });
  });

  test('with names of files in any of them', async () => {
    const body = multipart('b', 'Content-Type: application/pdf; name="R\xfcckgabe.pdf"\r\n\r\n%PDF');
    const raw = latin1(mail({ 'Content-Type': 'multipart/mixed; boundary=b' }, body));
    expect((await parse(raw)).attachments).toMatchObject([{ fileName: 'Rückgabe.pdf' }]);
  });
});

describe('a mail in a form is read byte for byte:', () => {
  const raw = Buffer.concat([
    latin1('Subject: R\xfcckgabe\r\nFrom: a@b.example\r\n\r\n'),
    Buffer.from('Grüße 日本'),
    Buffer.from([0x80]),
  ]);

  test.each(['email', 'body-mime'])('%s as a field, and as a file', (field) => {
    for (const file of ['', '; filename="mail.eml"\r\nContent-Type: message/rfc822']) {
      const body = Buffer.concat([
        latin1(
          `--b\r\nContent-Disposition: form-data; name="to"\r\n\r\nx\r\n--b\r\nContent-Disposition: form-data; name="${field}"${file}\r\n\r\n`,
        ),
        raw,
        latin1('\r\n--b--\r\n'),
      ]);
      const read = mailIn('multipart/form-data; boundary=b', new Uint8Array(body));
      expect(Buffer.from(read?.raw ?? []).equals(raw)).toBe(true);
    }
  });

  test('in an encoded URL', () => {
    const encoded = [...raw].map((byte) => `%${byte.toString(16).padStart(2, '0')}`).join('');
    const body = new Uint8Array(Buffer.from(`a=b&body-mime=${encoded}`));
    expect(Buffer.from(mailIn('application/x-www-form-urlencoded', body)?.raw ?? []).equals(raw)).toBe(true);
  });
});

const alternative = (plain: string, html: string): string =>
  mail(
    { 'Content-Type': 'multipart/alternative; boundary=b' },
    multipart('b', `Content-Type: text/plain\r\n\r\n${plain}`, `Content-Type: text/html\r\n\r\n${html}`),
  );
const html = (body: string): string => mail({ 'Content-Type': 'text/html; charset=utf-8' }, body);

describe('text is found', () => {
  test.each<[string, string, string]>([
    ['in the HTML beside a blank text', alternative('\r\n \r\n', '<p>Full</p>'), 'Full'],
    ['in the HTML beside a text of blanks nobody sees', alternative('=\u200b\u00a0'.slice(1), '<p>Full</p>'), 'Full'],
    [
      'in the cells of a table',
      html('<table><tr><td>Name</td><td>Wilhelmina</td></tr><tr><th>Age</th><td>44</td></tr></table>'),
      'Name Wilhelmina\nAge 44',
    ],
    ['in a list', html('<ul><li>one<li>two</ul>'), '* one\n * two'],
    ['in blocks', html('<div>one</div><div>two</div>three<address>four</address>five'), 'one\ntwo\nthree\nfour\nfive'],
    ['in terms and what they mean', html('<dl><dt>Name<dd>Jane</dl>'), 'Name\nJane'],
    ['in a form', html('<label>Name</label><button>Send</button>'), 'Name Send'],
    [
      'behind a style that is longer than the HTML that is kept',
      html(`<style>${'p{}'.repeat(200_000)}</style><p>Full</p>`),
      'Full',
    ],
    ['behind a comment that is', html(`<!--[if mso]>${'x'.repeat(600_000)}<![endif]--><p>Full</p>`), 'Full'],
    ['behind an image that is', html(`<img src="data:image/png;base64,${'QUFB'.repeat(200_000)}"><p>Full</p>`), 'Full'],
    [
      'in one part of several',
      mail(
        { 'Content-Type': 'multipart/mixed; boundary=b' },
        multipart('b', 'Content-Type: text/plain\r\n\r\n', 'Content-Type: text/html\r\n\r\n<p>Full</p>'),
      ),
      'Full',
    ],
  ])('%s', async (_what, raw, expected) => {
    expect(await parse(raw)).toMatchObject({ text: expected, isTruncated: false });
  });

  test('below a quote that is longer than what is kept', async () => {
    const quote = '> what you wrote before\r\n'.repeat(8_000);
    expect(await parse(mail({}, `${quote}\r\nYes, please.\r\n`))).toMatchObject({
      text: expect.stringMatching(/^\s*Yes, please\.$/),
      isTruncated: true,
    });
  });

  test.each([
    ['text', mail({}, 'x'.repeat(mailBounds.text + 1))],
    ['HTML', html(`<p>${'x'.repeat(mailBounds.html)}</p>`)],
    ['quotes', mail({}, '> x\r\n'.repeat(mailBounds.text))],
  ])('and a mail says that its %s was cut', async (_what, raw) => {
    const parsed = await parse(raw);
    expect(parsed.isTruncated).toBe(true);
    expect(parsed.text.length).toBe(mailBounds.text);
  });
});
