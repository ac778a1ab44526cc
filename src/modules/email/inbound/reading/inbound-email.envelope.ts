import { z } from 'zod';
import { type JsonBounds, maxJsonValues, requireJsonWithin } from '../../../../lib/json/json.js';
import { fieldOf, partsOf } from './inbound-email.parts.js';

/** The formats in which mail servers and mail services post an e-mail over HTTP. */

export type MailFormat = 'RAW' | 'FIELDS' | 'JSON';

/** The format of a body of this media type; null if it is not supported. */
export function mailFormatOf(contentType: string | undefined): MailFormat | null {
  const [type = ''] = (contentType ?? '').split(';', 1);
  switch (type.trim().toLowerCase()) {
    case '':
    case 'message/rfc822':
    case 'message/global':
    case 'text/plain':
    case 'application/octet-stream':
      return 'RAW';
    case 'multipart/form-data':
    case 'application/x-www-form-urlencoded':
      return 'FIELDS';
    case 'application/json':
      return 'JSON';
    default:
      return null;
  }
}

/** The names of the field that contains the raw e-mail: SendGrid, Mailgun, Postmark in JSON, and CloudMailin. */
export const mailFields = ['email', 'body-mime', 'RawEmail', 'message'] as const;

/** A raw e-mail, byte for byte, and the recipients that the mail service reports. */
export interface PostedMail {
  raw: Uint8Array;
  recipients: string[];
}

/** The e-mail in a request body; null if a form or JSON body is invalid or contains no e-mail. */
export function mailIn(contentType: string | undefined, body: Uint8Array<ArrayBuffer>): PostedMail | null {
  const format = mailFormatOf(contentType);
  if (format === 'RAW') return notifiedIn(body) ?? { raw: body, recipients: [] };
  const notified = format === 'JSON' ? notifiedIn(body) : null;
  if (notified) return notified;
  const fields = format === 'JSON' ? fieldsOfJson(body) : fieldsOfForm(contentType ?? '', body);
  const raw = mailFields.map((name) => fields?.get(name)).find((field) => field !== undefined);
  return raw ? { raw, recipients: recipientsIn(fields ?? new Map()) } : null;
}

/**
 * The e-mail in an SES notification, with or without its SNS wrapper: `content`, as text or in base64. SNS sends the
 * media type text/plain.
 */
function notifiedIn(body: Uint8Array): PostedMail | null {
  if (body[0] !== brace) return null;
  const outer = notification.safeParse(parsed(body)).data;
  const { Message } = outer ?? {};
  const { content, receipt, mail } =
    (Message === undefined ? outer : notification.safeParse(parsed(Buffer.from(Message))).data) ?? {};
  if (content === undefined) return null;
  const encoding = receipt?.action?.encoding?.toUpperCase() === 'BASE64' ? 'base64' : 'utf8';
  return { raw: Buffer.from(content, encoding), recipients: receipt?.recipients ?? mail?.destination ?? [] };
}

const brace = 0x7b;
const addresses = z.array(z.string());
const notification = z.object({
  Message: z.string().optional(),
  content: z.string().optional(),
  receipt: z
    .object({ recipients: addresses.optional(), action: z.object({ encoding: z.string().optional() }).optional() })
    .optional(),
  mail: z.object({ destination: addresses.optional() }).optional(),
});

/** The recipients of the envelope: SendGrid's `envelope`, Mailgun's `recipient`, Postmark's `OriginalRecipient`, CloudMailin's `envelope[to]`. */
function recipientsIn(fields: ReadonlyMap<string, Buffer>): string[] {
  const envelope = parsed(fields.get('envelope') ?? Buffer.alloc(0));
  const to: unknown = typeof envelope === 'object' && envelope !== null && 'to' in envelope ? envelope.to : [];
  const names = [...fields.keys()].filter((name) =>
    /^(?:recipient|OriginalRecipient|envelope\[(?:to|recipients)\](?:\[\d*\])?)$/.test(name),
  );
  const named = names.flatMap((name) => fields.get(name)?.toString() ?? []);
  return [to, named].flat(2).filter((address) => typeof address === 'string');
}

function fieldsOfJson(body: Uint8Array): Map<string, Buffer> | null {
  const value = parsed(body);
  if (typeof value !== 'object' || value === null) return null;
  return new Map(
    Object.entries(value).flatMap(([name, text]) => (typeof text === 'string' ? [[name, Buffer.from(text)]] : [])),
  );
}

/** No mail service nests its JSON deeper than this. */
const bounds: JsonBounds = { depth: 32, values: maxJsonValues };

/**
 * The parsed JSON; null if it is invalid or too large. Parsing cannot be interrupted, and a thread that runs out of
 * memory ends the whole process, so the size is checked first.
 */
function parsed(json: Uint8Array): unknown {
  const bytes = Buffer.from(json.buffer, json.byteOffset, json.byteLength);
  try {
    requireJsonWithin(bytes, bounds);
    return JSON.parse(bytes.toString());
  } catch {
    return null;
  }
}

/** The fields of a form as bytes. The form itself is UTF-8, but an e-mail in it has its own charsets. */
function fieldsOfForm(contentType: string, body: Uint8Array<ArrayBuffer>): Map<string, Buffer> | null {
  const bytes = Buffer.from(body.buffer, body.byteOffset, body.byteLength);
  if (/urlencoded/i.test(contentType)) return fieldsOfUrl(bytes);
  const parts = partsOf(Buffer.concat([Buffer.from(`Content-Type: ${contentType}\r\n\r\n`, 'latin1'), bytes]));
  const fields = new Map<string, Buffer>();
  for (const part of parts?.slice(1) ?? []) {
    const [, quoted, bare] = /;\s*name=(?:"([^"]*)"|([^;\s]+))/i.exec(fieldOf(part, 'content-disposition')) ?? [];
    const name = quoted ?? bare;
    if (name !== undefined && !fields.has(name)) fields.set(name, withoutLastBreak(part.body));
  }
  return fields;
}

/** The line break before a boundary belongs to the boundary. */
const withoutLastBreak = (body: Buffer): Buffer =>
  body.subarray(0, body.length - (/\r?\n$/.exec(body.toString('latin1', body.length - 2))?.[0].length ?? 0));

function fieldsOfUrl(body: Buffer): Map<string, Buffer> {
  const fields = new Map<string, Buffer>();
  for (let [start, count] = [0, 0]; start < body.length && count < maxFields; count += 1) {
    const end = placeOf(ampersand, body, start, body.length);
    const nameEnd = placeOf(equals, body, start, end);
    fields.set(decoded(body.subarray(start, nameEnd)).toString('latin1'), decoded(body.subarray(nameEnd + 1, end)));
    start = end + 1;
  }
  return fields;
}

/** No mail service posts more fields than this. */
const maxFields = 1_000;

function placeOf(byte: number, body: Buffer, start: number, end: number): number {
  const place = body.subarray(start, end).indexOf(byte);
  return place === -1 ? end : start + place;
}

/** Decodes byte by byte, because replacing each escape in a string needs many times the memory of the result. */
function decoded(escaped: Buffer): Buffer {
  const bytes = Buffer.alloc(escaped.length);
  let length = 0;
  for (let place = 0; place < escaped.length; place += 1) {
    const byte = escaped[place] ?? 0;
    const code = byte === percent ? hexOf(escaped[place + 1]) * 16 + hexOf(escaped[place + 2]) : Number.NaN;
    bytes[length] = byte === plus ? space : Number.isNaN(code) ? byte : code;
    if (!Number.isNaN(code)) place += 2;
    length += 1;
  }
  return bytes.subarray(0, length);
}

const [space, percent, ampersand, plus, equals] = [0x20, 0x25, 0x26, 0x2b, 0x3d];

/** The value of a hexadecimal digit; NaN for any other byte. */
const hexOf = (byte = 0): number => Number.parseInt(String.fromCharCode(byte), 16);
