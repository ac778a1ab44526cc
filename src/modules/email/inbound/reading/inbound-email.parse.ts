import { createHash } from 'node:crypto';
import PostalMime, { type Attachment, decodeWords, type Email } from 'postal-mime';
import { type AuthenticationField, authenticationFieldsOf } from '../../../../lib/mail/authentication-results.js';
import { mailBounds, maxMailAttachments } from '../../../conversation/message/mail/message.bounds.js';
import { mailId, mailIdsIn } from '../../message-id.js';
import { addressesOf, type MailAddresses } from './inbound-email.addresses.js';
import { withContent } from './inbound-email.files.js';
import { textOfHtml, withoutQuotes } from './inbound-email.html.js';
import { readable } from './inbound-email.readable.js';
import { isAutomatic, type MailReport, reportOf } from './inbound-email.report.js';
import { cut, fitted, isBlank, nameOfFile, oneLine } from './inbound-email.text.js';

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
  /** The contents of the attachments, in their order. */
  contents: AttachmentContent[];
  /** Whether a program wrote it: a bounce, an out-of-office reply, a newsletter. */
  isAutomatic: boolean;
  /** The authentication results in the headers. Any of them may be forged. */
  authentication: AuthenticationField[];
  /** What the e-mail reports about other e-mails; null if it is not a report. */
  report: MailReport | null;
}

export interface ParsedAttachment {
  fileName: string;
  contentType: string;
  sizeBytes: number;
}

export interface AttachmentContent {
  bytes: Uint8Array<ArrayBuffer>;
  /** The Content-ID by which the HTML refers to the file, without angle brackets. */
  contentId: string | null;
}

const options = { forceRfc822Attachments: true, maxNestingDepth: 50, maxHeadersSize: 512 * 1_024 };

/**
 * Parses an RFC 822 message. `named` are the recipients that the mail service reports. Throws if the e-mail is nested
 * too deeply, has too many parts, or has headers that are too long.
 */
export async function parseMail(given: Uint8Array, named: readonly string[] = []): Promise<ParsedMail> {
  const read = readable(given);
  if (!read) throw new Error('The mail has too many parts, or its headers are too long.');
  const parsed = await PostalMime.parse(read.raw, options);
  const mail = { ...parsed, attachments: parsed.attachments.map((file) => withContent(file, read.files)) };
  const html = mail.html === undefined || isBlank(mail.html) ? '' : cut(mail.html, mailBounds.html);
  // A blank text beside HTML is ignored.
  const { text, isCut } =
    mail.text === undefined || isBlank(mail.text) || (html !== '' && isExcuse(mail.text))
      ? textWithin(html)
      : { text: mail.text.replace(/^(?:[^\S\n]*\n)+/, '').trimEnd(), isCut: false };
  const report = reportOf(mail, text);
  const kept = fitted(text, mailBounds.text);
  const files = mail.attachments.slice(0, maxMailAttachments);
  const contents = files.map(({ content }) => bytesOf(content));
  return {
    messageId: mailId(mail.messageId) ?? `sha256-${createHash('sha256').update(given).digest('hex')}`,
    answers: answersOf(mail, report?.about ?? []),
    ...addressesOf(mail, named),
    subject: oneLine(mail.subject, mailBounds.subject),
    text: cut(kept, mailBounds.text),
    html: html || null,
    isTruncated: read.isTruncated || isCut || kept.length < text.length || (mail.html?.length ?? 0) > mailBounds.html,
    attachments: files.map((file, index) => attachmentOf(file, contents[index] ?? nothing)),
    contents: files.map(({ contentId }, index) => ({
      bytes: contents[index] ?? nothing,
      contentId: contentIdOf(contentId),
    })),
    isAutomatic: isAutomatic(mail, read.parts),
    authentication: authenticationFieldsOf(read.parts[0]?.fields ?? []),
    report,
  };
}

/** The text of the HTML. If it is too long, quotes are left out first, so that an answer below them remains. */
function textWithin(html: string): { text: string; isCut: boolean } {
  const text = textOfHtml(html);
  return text.length > mailBounds.text
    ? { text: textOfHtml(withoutQuotes(html)), isCut: true }
    : { text, isCut: false };
}

/** Whether the text only says that there is an HTML version. */
const isExcuse = (text: string): boolean =>
  text.length < 300 &&
  /^\s*(?:this is a multi-?part message in mime format|your (?:e-?mail|mail) (?:client|program|reader|software) (?:does not|doesn't|cannot|can't) (?:support|display|show|read) (?:this )?html)\b[^.]{0,100}\.?\s*$/i.test(
    text,
  );

/** In-Reply-To first, then References from last to first, then the e-mails that a report of a mail server is about. */
function answersOf({ inReplyTo, headers }: Email, about: readonly string[]): string[] {
  const references = headers.filter(({ key }) => key === 'references').flatMap(({ value }) => idsIn(value));
  return [...new Set([...idsIn(inReplyTo), ...references.reverse(), ...about])].slice(0, mailBounds.answers);
}

/** Some mail servers write long headers as encoded words. `readable` has decoded them to UTF-8. */
const idsIn = (header: string | undefined): string[] =>
  mailIdsIn(
    header?.replace(/=\?utf-8\?B\?([\w+/=]*)\?=/g, (_word, content: string) =>
      Buffer.from(content, 'base64').toString(),
    ),
  );

const nothing = new Uint8Array(0);

/** A copy, because the parsed content is a slice of the whole e-mail. */
const bytesOf = (content: Attachment['content']): Uint8Array<ArrayBuffer> =>
  typeof content === 'string' ? new TextEncoder().encode(content) : new Uint8Array(content);

function attachmentOf({ filename, mimeType }: Attachment, content: Uint8Array): ParsedAttachment {
  const contentType = /^[\w!#$&^.+-]+\/[\w!#$&^.+-]+$/.test(mimeType) ? mimeType : 'application/octet-stream';
  return {
    fileName: nameOfFile(filename, mailBounds.name) ?? nameOf(contentType, content),
    contentType: contentType.slice(0, 255),
    sizeBytes: content.byteLength,
  };
}

/** The names that mail programs give to such files. */
const names: Readonly<Record<string, string>> = {
  'text/calendar': 'invite.ics',
  'text/rtf': 'text.rtf',
  'application/ics': 'invite.ics',
  'text/vcard': 'contact.vcf',
  'application/ms-tnef': 'winmail.dat',
  'application/vnd.ms-tnef': 'winmail.dat',
  'message/feedback-report': 'feedback-report.txt',
  'application/pkcs7-mime': 'smime.p7m',
  'application/x-pkcs7-mime': 'smime.p7m',
  'application/pkcs7-signature': 'smime.p7s',
  'application/x-pkcs7-signature': 'smime.p7s',
  'application/pgp-encrypted': 'version.asc',
  'message/delivery-status': 'delivery-status.txt',
  'message/global-delivery-status': 'delivery-status.txt',
  'message/disposition-notification': 'receipt.txt',
  'text/rfc822-headers': 'headers.txt',
  'application/pgp-signature': 'signature.asc',
  'application/pgp-keys': 'key.asc',
};

/** A name for a file without one: for a forwarded e-mail its subject. */
function nameOf(contentType: string, content: Uint8Array): string {
  if (contentType !== 'message/rfc822' && contentType !== 'message/global') return names[contentType] ?? 'unnamed';
  const head = Buffer.from(content.subarray(0, maxForwardedHead)).toString();
  const [, subject = ''] = /^subject:[ \t]*(.*(?:\r?\n[ \t].*)*)/im.exec(head.split(/\r?\n\r?\n/, 1)[0] ?? '') ?? [];
  const decoded = decodeWords(subject).replace(/[/\\:*?"<>|]+/g, ' ');
  return `${nameOfFile(decoded, mailBounds.name - '.eml'.length) ?? 'message'}.eml`;
}

const maxForwardedHead = 16_384;

const contentIdOf = (contentId: string | undefined): string | null =>
  oneLine(contentId?.trim().replace(/^<(.*)>$/s, '$1'), mailBounds.contentId);
