import { createHash } from 'node:crypto';
import PostalMime, { type Address, type Attachment, addressParser, type Email, type Mailbox } from 'postal-mime';
import { isEmail } from '../../../lib/text/email.js';
import { mailBounds, maxMailAttachments } from '../../conversation/message/message.bounds.js';
import { mailId, mailIdsIn } from '../message-id.js';
import { textOfHtml } from './inbound-email.html.js';
import { fieldOf, type MailPart } from './inbound-email.parts.js';
import { readable } from './inbound-email.readable.js';
import { cut, fitted, isBlank, oneLine } from './inbound-email.text.js';

/** The parts of an inbound e-mail that are stored, as plain data. */
export interface ParsedMail {
  /** See `mailId`. An e-mail without a Message-ID gets a hash of its content. */
  messageId: string;
  /** The ids of the e-mails that it answers, the most direct one first. */
  answers: string[];
  /** Null if the e-mail has no sender. */
  from: { address: string; name: string | null } | null;
  /** The recipients, in lower case: first those from delivery headers, then To and Cc. */
  recipients: string[];
  subject: string | null;
  /** Empty if there is no text. */
  text: string;
  html: string | null;
  /** Whether text or HTML was left out because it is too long. */
  isTruncated: boolean;
  attachments: ParsedAttachment[];
  /** Whether a program wrote it: a bounce, an out-of-office reply, a newsletter. */
  automatic: boolean;
}

export interface ParsedAttachment {
  fileName: string;
  contentType: string;
  sizeBytes: number;
}

const options = { forceRfc822Attachments: true, maxNestingDepth: 50, maxHeadersSize: 512 * 1_024 };

/** Parses an RFC 822 message. Throws if it is nested too deeply, has too many parts, or its headers are too long. */
export async function parseMail(given: Uint8Array): Promise<ParsedMail> {
  const read = readable(given);
  if (!read) throw new Error('The mail has too many parts, or its headers are too long.');
  const mail = await PostalMime.parse(read.raw, options);
  const html = mail.html === undefined || isBlank(mail.html) ? '' : cut(mail.html, mailBounds.html);
  // A blank text beside HTML says nothing.
  const text =
    mail.text === undefined || isBlank(mail.text)
      ? textOfHtml(html)
      : mail.text.replace(/^(?:[^\S\n]*\n)+/, '').trimEnd();
  const kept = fitted(text, mailBounds.text);
  return {
    messageId: mailId(mail.messageId) ?? `sha256-${createHash('sha256').update(given).digest('hex')}`,
    answers: answersOf(mail),
    from: senderOf(mail),
    recipients: recipientsOf(mail),
    subject: oneLine(mail.subject, mailBounds.subject),
    text: cut(kept, mailBounds.text),
    html: html || null,
    isTruncated: read.isTruncated || kept.length < text.length || (mail.html?.length ?? 0) > mailBounds.html,
    attachments: mail.attachments.slice(0, maxMailAttachments).map(attachmentOf),
    automatic: isAutomatic(mail, read.parts),
  };
}

/** In-Reply-To first, then References from last to first, then the e-mails that a report of a mail server is about. */
function answersOf(mail: Email): string[] {
  const references = mailIdsIn(mail.references).reverse();
  const ids = [...mailIdsIn(mail.inReplyTo), ...references, ...mail.attachments.flatMap(reportedIds)];
  return [...new Set(ids)].slice(0, mailBounds.answers);
}

/** The Message-ID of a returned e-mail, of which the report contains the whole or only the headers. */
function reportedIds({ mimeType, content }: Attachment): string[] {
  if (!/^(message\/rfc822|text\/rfc822-headers)$/.test(mimeType) || typeof content === 'string') return [];
  const head = Buffer.from(content instanceof ArrayBuffer ? new Uint8Array(content) : content)
    .subarray(0, 65_536)
    .toString('latin1');
  const end = /\r?\n\r?\n/.exec(head)?.index ?? head.length;
  return mailIdsIn(/^message-id:[ \t]*(?:\r?\n[ \t]+)?(<[^<>\s]+>)/im.exec(head.slice(0, end))?.[1]);
}

const mailboxes = (addresses: readonly Address[]): Mailbox[] =>
  addresses.flatMap((address): Mailbox[] => (address.group ? address.group : [address]));

function senderOf({ from, sender }: Email): ParsedMail['from'] {
  const boxes = mailboxes([from, sender].filter((address) => address !== undefined));
  const box = boxes.find(({ address }) => isEmail(address));
  return box ? { address: box.address, name: oneLine(box.name, mailBounds.name) } : null;
}

/** Headers in which a mail server records the mailbox to which it delivered. */
const deliveryHeaders = ['delivered-to', 'x-original-to', 'x-envelope-to', 'envelope-to'];

function recipientsOf({ headers, to = [], cc = [] }: Email): string[] {
  const delivered = headers
    .filter(({ key }) => deliveryHeaders.includes(key))
    .slice(0, mailBounds.recipients)
    .flatMap(({ value }) => addressParser(value));
  const addresses = mailboxes([...delivered, ...to, ...cc])
    .map(({ address }) => address.toLowerCase())
    .filter(isEmail);
  return [...new Set(addresses)].slice(0, mailBounds.recipients);
}

function attachmentOf({ filename, mimeType, content }: Attachment): ParsedAttachment {
  const sizeBytes = typeof content === 'string' ? Buffer.byteLength(content) : content.byteLength;
  const contentType = /^[\w!#$&^.+-]+\/[\w!#$&^.+-]+$/.test(mimeType) ? mimeType : 'application/octet-stream';
  return {
    fileName: oneLine(filename, mailBounds.name) ?? 'unnamed',
    contentType: contentType.slice(0, 255),
    sizeBytes,
  };
}

/** By RFC 3834 and the headers that were common before it. */
function isAutomatic({ headers, returnPath }: Email, [root]: readonly MailPart[]): boolean {
  const says = (key: string, form: RegExp): boolean =>
    headers.some((header) => header.key === key && form.test(header.value));
  return (
    says('auto-submitted', /^\s*(?!no\b)\S/i) ||
    says('precedence', /^\s*(bulk|junk|auto_reply)\b/i) ||
    says('x-autoreply', /\S/) ||
    says('x-autorespond', /\S/) ||
    (root !== undefined && /^"?multipart\/report\b/i.test(fieldOf(root, 'content-type'))) ||
    (returnPath === undefined && says('return-path', /^\s*<\s*>/))
  );
}
