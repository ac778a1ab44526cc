import type { Attachment } from 'postal-mime';
import { transferDecoded } from '../../../../lib/mail/transfer.js';
import { fieldOf, type MailPart } from './inbound-email.parts.js';
import { placeOfFile } from './inbound-email.readable.js';

/** The attachment with its content, byte for byte, instead of the placeholder that the parser saw. */
export function withContent(attachment: Attachment, files: readonly MailPart[]): Attachment {
  const file = files[placeOfFile(textOf(attachment)) ?? -1];
  if (!file) return attachment;
  const encoding = fieldOf(file, 'content-transfer-encoding');
  return { ...attachment, content: transferDecoded(encoding, withoutLastBreak(file.body)) };
}

/** The beginning of a text that is sent as a file, for example as the only part of an e-mail. */
const textOf = ({ content }: Attachment): string =>
  typeof content === 'string' ? content : Buffer.from(new Uint8Array(content)).toString('latin1', 0, 20);

/** The line break before a boundary belongs to the boundary. */
function withoutLastBreak(bytes: Buffer): Buffer {
  let end = bytes.length;
  if (bytes[end - 1] === 10) end -= 1;
  if (end < bytes.length && bytes[end - 1] === 13) end -= 1;
  return bytes.subarray(0, end);
}
