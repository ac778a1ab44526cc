import iconv from 'iconv-lite';

/** Mails of a corpus with what is right of each. What is not given is as in the plainest mail. */

export interface Wanted {
  from: { name: string | null; address: string } | null;
  recipients: string[];
  /** The Message-IDs that it answers, the most direct one first. */
  answers: string[];
  subject: string | null;
  text: string;
  files: { fileName: string; contentType: string; content: string }[];
  isAutomatic: boolean;
  failure: { code: string; recipient: string | null } | null;
}

export interface CorpusMail {
  name: string;
  raw: Buffer;
  wanted: Partial<Wanted>;
}

export const plain: Wanted = {
  from: { name: 'Jane Doe', address: 'jane@example.com' },
  recipients: ['help@desk.test'],
  answers: [],
  subject: 'Where is it?',
  text: 'Hello',
  files: [],
  isAutomatic: false,
  failure: null,
};

type Headers = Record<string, string | Buffer>;

/** The bytes of a mail: headers as they are given, of which empty ones are left out, and the body. */
export function bytesOf(headers: Headers, body: string | Buffer = 'Hello', newline = '\r\n'): Buffer {
  const all: Headers = {
    From: 'Jane Doe <jane@example.com>',
    To: 'help@desk.test',
    Subject: 'Where is it?',
    'Message-ID': '<corpus@example.com>',
    Date: 'Fri, 13 Mar 2026 10:00:00 +0100',
    ...headers,
  };
  const lines = Object.entries(all)
    .filter(([, value]) => value.length > 0)
    .map(([name, value]) => Buffer.concat([Buffer.from(`${name}: `), Buffer.from(value), Buffer.from(newline)]));
  return Buffer.concat([...lines, Buffer.from(newline), Buffer.from(body)]);
}

export const mailOf = (
  name: string,
  headers: Headers,
  wanted: Partial<Wanted> = {},
  body?: string | Buffer,
): CorpusMail => ({
  name,
  raw: bytesOf(headers, body),
  wanted,
});

export const encodings = ['8bit', 'quoted-printable', 'base64'] as const;
export type TransferEncoding = (typeof encodings)[number];

/** A text in a charset and a transfer encoding, written by the rules of RFC 2045. */
export function written(text: string, charset: string, encoding: TransferEncoding): Buffer {
  const bytes = charset === 'us-ascii' ? Buffer.from(text, 'latin1') : iconv.encode(text, charset);
  if (encoding === 'base64') return Buffer.from((bytes.toString('base64').match(/.{1,76}/g) ?? []).join('\r\n'));
  return encoding === '8bit' ? bytes : Buffer.from(quotedPrintable(bytes));
}

function quotedPrintable(bytes: Buffer): string {
  let line = '';
  const lines: string[] = [];
  for (const byte of bytes) {
    const isPlain = byte > 32 && byte < 127 && byte !== 61;
    const sign = isPlain ? String.fromCharCode(byte) : `=${byte.toString(16).toUpperCase().padStart(2, '0')}`;
    if (line.length + sign.length > 75) {
      lines.push(`${line}=`);
      line = '';
    }
    line += sign;
  }
  return [...lines, line].join('\r\n');
}

/** An encoded word (RFC 2047). */
export function word(text: string, charset: string, form: 'B' | 'Q'): string {
  const bytes = iconv.encode(text, charset);
  const hex = (byte: number): string => `=${byte.toString(16).toUpperCase().padStart(2, '0')}`;
  const quoted = [...bytes].map((byte) => {
    const sign = String.fromCharCode(byte);
    if (sign === ' ') return '_';
    return /[A-Za-z0-9]/.test(sign) ? sign : hex(byte);
  });
  return `=?${charset}?${form}?${form === 'B' ? bytes.toString('base64') : quoted.join('')}?=`;
}

/** The parts of a multipart body. */
export const parts = (boundary: string, ...bodies: (string | Buffer)[]): Buffer =>
  Buffer.concat([
    ...bodies.flatMap((body) => [Buffer.from(`--${boundary}\r\n`), Buffer.from(body), Buffer.from('\r\n')]),
    Buffer.from(`--${boundary}--\r\n`),
  ]);
