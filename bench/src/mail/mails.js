/** Mails as people send them: each of another sender, with text and HTML. */

const paragraph = 'We have ten seats, but the invoice says twelve. Please look at it; the number is 2026-0042. ';

/** @param {number} number @param {string} to @param {string[]} more header lines */
const head = (number, to, more) =>
  [
    `From: Sender ${number} <sender${number}@example.com>`,
    `To: ${to}`,
    `Subject: Question ${number}`,
    `Message-ID: <bench-${number}@example.com>`,
    'Date: Fri, 13 Mar 2026 10:00:00 +0100',
    'MIME-Version: 1.0',
    ...more,
  ].join('\r\n');

const alternative = [
  '--a',
  'Content-Type: text/plain; charset=utf-8',
  'Content-Transfer-Encoding: quoted-printable',
  '',
  paragraph.repeat(15).replace(/(.{70})/g, '$1=\r\n'),
  '--a',
  'Content-Type: text/html; charset=utf-8',
  '',
  `<html><body><p>${paragraph.repeat(20)}</p></body></html>`,
  '--a--',
  '',
].join('\r\n');

/** @param {string} to @param {number} number @param {string[]} more header lines */
export const mailOf = (to, number, more = []) =>
  Buffer.from(`${head(number, to, [...more, 'Content-Type: multipart/alternative; boundary=a'])}\r\n\r\n${alternative}`);

/** An answer to the mail with the number 0. @param {string} to @param {number} number */
export const threadOf = (to, number) => mailOf(to, number, ['In-Reply-To: <bench-0@example.com>']);

/** @param {string} to @param {number} number @param {number} bytes of the whole mail, about */
export function largeMail(to, number, bytes) {
  const lines = Math.floor(bytes / 78);
  // Each file is another one: equal files are stored once.
  const file = `${String(number).padStart(76, 'A')}\r\n`.repeat(lines);
  const text = `--m\r\nContent-Type: text/plain\r\n\r\n${paragraph}\r\n`;
  const part = '--m\r\nContent-Type: application/pdf; name=scan.pdf\r\nContent-Transfer-Encoding: base64\r\n\r\n';
  return Buffer.from(`${head(number, to, ['Content-Type: multipart/mixed; boundary=m'])}\r\n\r\n${text}${part}${file}--m--\r\n`);
}
