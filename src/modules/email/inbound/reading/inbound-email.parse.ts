import { createHash } from 'node:crypto';
import PostalMime, { type Attachment, type Email } from 'postal-mime';
import { mailBounds, maxMailAttachments } from '../../../conversation/message/mail/message.bounds.js';
import { mailId, mailIdsIn } from '../../message-id.js';
import { addressesOf, type MailAddresses } from './inbound-email.addresses.js';
import { textOfHtml } from './inbound-email.html.js';
import { readable } from './inbound-email.readable.js';
import { isAutomatic, type MailReport, reportOf } from './inbound-email.report.js';
import { cut, fitted, isBlank, oneLine } from './inbound-email.text.js';

/** The parts of an inbound e-mail that are stored, as plain data. */
export interface ParsedMail extends MailAddresses {
  /** See `mailId`. An e-mail without a Message-ID gets a hash of its content. */
  messageId: string;
  /** The ids of the e-mails that it answers, the most direct one first. */
  answers: string[];
  subject: string | null;
  /** Empty if there is no text. */
  text: string;
  html: string | null;
  /** Whether text or HTML was left out because it is too long. */
  isTruncated: boolean;
  attachments: ParsedAttachment[];
  /** Whether a program wrote it: a bounce, an out-of-office reply, a newsletter. */
  isAutomatic: boolean;
  /** What it reports about other e-mails; null if it is no report. */
  report: MailReport | null;
}

export interface ParsedAttachment {
  fileName: string;
  contentType: string;
  sizeBytes: number;
}

const options = { forceRfc822Attachments: true, maxNestingDepth: 50, maxHeadersSize: 512 * 1_024 };

/**
 * Parses an RFC 822 message. `named` are the recipients that the mail service names. Throws if it is nested too deeply, has too many parts, or its headers are too long.
 */
export async function parseMail(given: Uint8Array, named: readonly string[] = []): Promise<ParsedMail> {
  const read = readable(given);
  if (!read) throw new Error('The mail has too many parts, or its headers are too long.');
  const mail = await PostalMime.parse(read.raw, options);
  const html = mail.html === undefined || isBlank(mail.html) ? '' : cut(mail.html, mailBounds.html);
  // A blank text beside HTML says nothing.
  const text =
    mail.text === undefined || isBlank(mail.text)
      ? textOfHtml(html)
      : mail.text.replace(/^(?:[^\S\n]*\n)+/, '').trimEnd();
  const report = reportOf(mail, text);
  const kept = fitted(text, mailBounds.text);
  return {
    messageId: mailId(mail.messageId) ?? `sha256-${createHash('sha256').update(given).digest('hex')}`,
    answers: answersOf(mail, report?.about ?? []),
    ...addressesOf(mail, named),
    subject: oneLine(mail.subject, mailBounds.subject),
    text: cut(kept, mailBounds.text),
    html: html || null,
    isTruncated: read.isTruncated || kept.length < text.length || (mail.html?.length ?? 0) > mailBounds.html,
    attachments: mail.attachments.slice(0, maxMailAttachments).map(attachmentOf),
    isAutomatic: isAutomatic(mail, read.parts),
    report,
  };
}

/** In-Reply-To first, then References from last to first, then the e-mails that a report of a mail server is about. */
function answersOf({ inReplyTo, headers }: Email, about: readonly string[]): string[] {
  const references = headers.filter(({ key }) => key === 'references').flatMap(({ value }) => mailIdsIn(value));
  return [...new Set([...mailIdsIn(inReplyTo), ...references.reverse(), ...about])].slice(0, mailBounds.answers);
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
