import { setImmediate } from 'node:timers/promises';
import { MIMEType } from 'node:util';
import { badInput } from '../errors.js';

/** A file in a form. Its content is a slice of the body. */
export interface FormFile {
  fileName: string;
  contentType: string;
  content: Buffer;
}

const maxFiles = 20;
const maxParts = 2 * maxFiles;
/** The maximum number of bytes before the content of a part. */
const maxPartHead = 8_192;

/**
 * The files of a form (RFC 7578). The parts are found by searching for their boundary, which is fast. Only the heads of
 * the parts are passed to the platform's parser, which is slow with many parts and copies their contents.
 * @throws BAD_USER_INPUT
 */
export async function filesOfForm(contentType: string, body: Buffer): Promise<FormFile[]> {
  const boundary = boundaryOf(contentType);
  const parts = await partsOf(Buffer.from(boundary, 'latin1'), body);
  const between = `--${boundary}\r\n`;
  const heads = parts.map(({ head }) => Buffer.concat([Buffer.from(between), head, Buffer.from('\r\n\r\n\r\n')]));
  const headers = { 'content-type': `multipart/form-data; boundary="${boundary}"` };
  const form = await new Response(Buffer.concat([...heads, Buffer.from(`--${boundary}--\r\n`)]), { headers })
    .formData()
    .catch(unreadable);
  const files = [...form.values()].flatMap((value, place) => {
    const content = parts[place]?.content;
    if (typeof value === 'string' || !content) return [];
    return [{ fileName: value.name, contentType: value.type, content }];
  });
  if (files.length === 0) throw badInput([], 'The form holds no file.');
  if (files.length > maxFiles) throw badInput([], `A form holds at most ${maxFiles} files.`);
  return files;
}

function unreadable(): never {
  throw badInput([], 'The form cannot be read.');
}

/** As in RFC 2046, without characters that would have to be quoted. */
const boundaryForm = /^[\w'()+,./:=?-]{1,70}$/;

function boundaryOf(contentType: string): string {
  let boundary: string | null;
  try {
    boundary = new MIMEType(contentType).params.get('boundary');
  } catch {
    return unreadable();
  }
  return boundary !== null && boundaryForm.test(boundary) ? boundary : unreadable();
}

interface Part {
  head: Buffer;
  content: Buffer;
}

async function partsOf(boundary: Buffer, body: Buffer): Promise<Part[]> {
  const delimiter = Buffer.concat([Buffer.from('\r\n--'), boundary]);
  const parts: Part[] = [];
  // The first boundary is at the beginning of the body, without a line break before it.
  const first = body.subarray(0, delimiter.length - 2).equals(delimiter.subarray(2)) ? -2 : unreadable();
  for (let start = first + delimiter.length; !body.subarray(start, start + 2).equals(endOfForm); ) {
    if (parts.length === maxParts) {
      throw badInput([], `A form holds at most ${maxFiles} files, and as many other fields.`);
    }
    const headLength = body.subarray(start, start + maxPartHead).indexOf(emptyLine);
    const contentStart = start + headLength + emptyLine.length;
    const end = headLength === -1 ? -1 : await placeOf(delimiter, body, start);
    if (!body.subarray(start, start + 2).equals(lineEnd) || end < contentStart) unreadable();
    parts.push({ head: body.subarray(start + 2, start + headLength), content: body.subarray(contentStart, end) });
    start = end + delimiter.length;
  }
  return parts;
}

const endOfForm = Buffer.from('--');
const lineEnd = Buffer.from('\r\n');
const emptyLine = Buffer.from('\r\n\r\n');

const pieceBytes = 1_024 * 1_024;

/** Searches in steps, between which other work can run. -1 when it is not found. */
async function placeOf(bytes: Buffer, body: Buffer, from: number): Promise<number> {
  for (let start = from; start < body.length; start += pieceBytes) {
    const place = body.subarray(start, start + pieceBytes + bytes.length - 1).indexOf(bytes);
    if (place !== -1) return start + place;
    await setImmediate();
  }
  return -1;
}
