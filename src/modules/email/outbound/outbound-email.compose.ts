import MailComposer from 'nodemailer/lib/mail-composer';

import { oneSpelling } from '../../../lib/text/email.js';
import { SendFailure } from './outbound-email.failure.js';

/** An e-mail to compose. */
export interface OutboundEmail {
  from: { name: string | null; address: string };
  to: readonly { name: string | null; address: string }[];
  cc: readonly { name: string | null; address: string }[];
  bcc: readonly { name: string | null; address: string }[];
  /** Where answers go; null for the sender. */
  replyTo: string | null;
  subject: string;
  date: Date;
  /** Message-IDs without angle brackets. */
  messageId: string;
  inReplyTo: string | null;
  references: readonly string[];
  text: string;
  html: string | null;
  /** Files that lie elsewhere, as links, and files to send. */
  attachments: readonly (LinkedFile | SentFile)[];
}

export interface LinkedFile {
  fileName: string;
  url: string;
}

export interface SentFile {
  fileName: string;
  contentType: string | null;
  content: Buffer;
}

/** A composed e-mail in wire format, with its envelope. */
export interface ComposedMail {
  envelope: { from: string; to: string[] };
  raw: Buffer;
}

/** Composes an e-mail by RFC 5322: multipart/alternative with HTML, else text/plain. @throws SendFailure */
export async function composeMail(email: OutboundEmail): Promise<ComposedMail> {
  const { from, to, cc, bcc, replyTo, subject, date, messageId, inReplyTo, references, text, html, attachments } =
    email;
  const links = attachments.filter((file) => 'url' in file);
  const files = attachments.filter((file) => 'content' in file);
  const composer = new MailComposer({
    from: mailboxOf(from),
    to: to.map(mailboxOf),
    ...(cc.length > 0 && { cc: cc.map(mailboxOf) }),
    ...(replyTo !== null && { replyTo: mailboxOf({ name: from.name, address: replyTo }) }),
    subject: onOneLine(subject),
    date,
    messageId: bracketed(messageId),
    ...(inReplyTo !== null && { inReplyTo: bracketed(inReplyTo) }),
    ...(references.length > 0 && { references: references.map(bracketed).join(' ') }),
    text: text + links.map(({ fileName, url }) => `\n\n${onOneLine(fileName)}: ${url}`).join(''),
    ...(html !== null && { html: html + links.map(linkTo).join('') }),
    attachments: files.map(({ fileName, contentType, content }) => ({
      filename: onOneLine(fileName),
      ...(contentType !== null && { contentType }),
      contentDisposition: 'attachment' as const,
      content,
    })),
    newline: 'win',
    // A text must never be read as a path or URL.
    disableFileAccess: true,
    disableUrlAccess: true,
  });
  const everybody = new Set([...to, ...cc, ...bcc].map(({ address }) => address));
  return { envelope: { from: from.address, to: [...everybody].map(oneSpelling) }, raw: await build(composer) };
}

async function build(composer: MailComposer): Promise<Buffer> {
  try {
    return await composer.compile().build();
  } catch (error) {
    throw new SendFailure('CONTENT', 'The message cannot be written as an e-mail.', true, error);
  }
}

const mailboxOf = ({ name, address }: OutboundEmail['from']) => ({ name: onOneLine(name ?? ''), address });

const bracketed = (id: string): string => `<${id}>`;

/** Removes line breaks, so that a value cannot add another header. */
const onOneLine = (text: string): string => text.replace(/[\s\p{Cc}]+/gu, ' ').trim();

const linkTo = ({ fileName, url }: { fileName: string; url: string }): string =>
  `<p><a href="${escaped(url)}">${escaped(onOneLine(fileName))}</a></p>`;

const escaped = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
