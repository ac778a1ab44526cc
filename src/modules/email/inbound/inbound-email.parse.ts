import { createHash } from 'node:crypto';
import { convert } from 'html-to-text';
import PostalMime, { type Address, type Attachment, addressParser, type Email, type Mailbox } from 'postal-mime';
import { isEmail } from '../../../lib/text/email.js';
import { safeHtml } from '../../../lib/text/safe-html.js';
import { mailBounds, maxMailAttachments } from '../../conversation/message/message.bounds.js';
import { mailId, mailIdsIn } from '../message-id.js';
import { cut, oneLine } from './inbound-email.text.js';

/** What is kept of a mail, as plain data. */
export interface ParsedMail {
  /** See `mailId`. A mail without a Message-ID goes by its content. */
  messageId: string;
  /** The ids of the mails that it answers, the nearest first. */
  answers: string[];
  /** Null when it does not say. */
  from: { address: string; name: string | null } | null;
  /** The addresses it was sent to, in lower case: first those that name the mailbox itself, then To and Cc. */
  recipients: string[];
  subject: string | null;
  /** Empty when it says nothing. */
  text: string;
  html: string | null;
  attachments: ParsedAttachment[];
  /** Whether a program wrote it: a bounce, an out-of-office note, a newsletter. */
  automatic: boolean;
}

export interface ParsedAttachment {
  fileName: string;
  contentType: string;
  sizeBytes: number;
}

const options = { forceRfc822Attachments: true, maxNestingDepth: 50, maxHeadersSize: 512 * 1_024 };

/** Reads an RFC 822 message. Throws when it is nested too deeply, or its headers are too long. */
export async function parseMail(raw: Uint8Array): Promise<ParsedMail> {
  const mail = await PostalMime.parse(raw, options);
  const html = cut(mail.html ?? '', mailBounds.html) || null;
  return {
    messageId: mailId(mail.messageId) ?? `sha256-${createHash('sha256').update(raw).digest('hex')}`,
    answers: answersOf(mail),
    from: senderOf(mail),
    recipients: recipientsOf(mail),
    subject: oneLine(mail.subject, mailBounds.subject),
    text: cut((mail.text ?? (html === null ? '' : textOf(html))).trimEnd(), mailBounds.text),
    html,
    attachments: mail.attachments.slice(0, maxMailAttachments).map(attachmentOf),
    automatic: isAutomatic(mail),
  };
}

/** In-Reply-To first, then References from the last to the first, then what a report of a mail server is about. */
function answersOf(mail: Email): string[] {
  const references = mailIdsIn(mail.references).reverse();
  const ids = [...mailIdsIn(mail.inReplyTo), ...references, ...mail.attachments.flatMap(reportedIds)];
  return [...new Set(ids)].slice(0, mailBounds.answers);
}

/** The Message-ID of a mail that came back, whole or its headers alone. */
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

/** Where a mail server delivers to one mailbox, it says which. */
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

/** RFC 3834 and the ways that were usual before it. */
function isAutomatic({ headers, returnPath }: Email): boolean {
  const says = (key: string, form: RegExp): boolean =>
    headers.some((header) => header.key === key && form.test(header.value));
  return (
    says('auto-submitted', /^\s*(?!no\b)\S/i) ||
    says('precedence', /^\s*(bulk|junk|auto_reply)\b/i) ||
    says('x-autoreply', /\S/) ||
    says('x-autorespond', /\S/) ||
    says('content-type', /^\s*multipart\/report\b/i) ||
    (returnPath === undefined && says('return-path', /^\s*<\s*>/))
  );
}

/** The text of a mail that has none but HTML. Of more markup than anybody wrote, the tags are left out and nothing else. */
const textOf = (html: string): string => (safeHtml(html) === null ? html.replace(/<[^<>]*>/g, ' ') : converted(html));

const converted = (html: string): string =>
  convert(html, {
    wordwrap: false,
    limits: { maxInputLength: mailBounds.html, maxDepth: 100, maxChildNodes: 20_000 },
    selectors: [
      { selector: 'img', format: 'skip' },
      { selector: 'a', options: { hideLinkHrefIfSameAsText: true, ignoreHref: false } },
      ...['h1', 'h2', 'h3', 'h4', 'h5', 'h6'].map((selector) => ({ selector, options: { uppercase: false } })),
    ],
  });
