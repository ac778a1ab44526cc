import type { Attachment, Email } from 'postal-mime';
import { mailIdsIn } from '../../message-id.js';
import { fieldOf, type MailPart } from './inbound-email.parts.js';
import { oneLine } from './inbound-email.text.js';

/** What mail servers and programs report: that a mail could not be delivered, that nobody is there, that it was read. */

/** Why a mail was returned. */
export interface DeliveryFailure {
  /** The status (RFC 3463) such as 5.1.1, or the reply code of the mail server such as 550. */
  code: string;
  reason: string;
  recipient: string | null;
}

export interface MailReport {
  /** Null if nothing failed for good, such as in a delay or a receipt. */
  failure: DeliveryFailure | null;
  /** The Message-IDs of the mails that the report is about. */
  about: string[];
}

const maxReason = 500;

/** Whether a program wrote the mail: by RFC 3834 and the headers that were common before it. */
export function isAutomatic({ headers, subject }: Email, [root]: readonly MailPart[]): boolean {
  const says = (key: string, form: RegExp): boolean =>
    headers.some((header) => header.key === key && form.test(header.value));
  return (
    says('auto-submitted', /^\s*(?!no\b)\S/i) ||
    says('precedence', /^\s*(bulk|junk|auto_reply)\b/i) ||
    says('x-autoreply', /^\s*(?!no\b|false\b|0\b)\S/i) ||
    says('x-autorespond', /^\s*(?!no\b|false\b|0\b)\S/i) ||
    says('x-autoreply-from', /\S/) ||
    (says('x-auto-response-suppress', /\b(?:all|autoreply)\b/i) &&
      says('subject', /^\s*(?:automatic reply|out of office|abwesenheit)/i)) ||
    says('x-failed-recipients', /\S/) ||
    says('x-mail-autoreply', /\S/) ||
    (root !== undefined && /^"?multipart\/report\b/i.test(fieldOf(root, 'content-type'))) ||
    says('return-path', /^\s*<\s*>/) ||
    says('from', /\b(?:mailer-daemon|postmaster)(?:@|\b\s*(?:\(|$|>))/i) ||
    (subject === undefined && says('content-type', /^\s*message\/(?:global-)?delivery-status/i))
  );
}

/** The report that the mail is; null if it is none. */
export function reportOf(mail: Email, text: string): MailReport | null {
  const about = mail.attachments.flatMap(reportedIds);
  const statuses = mail.attachments.filter(({ mimeType }) => /^message\/(?:global-)?delivery-status$/.test(mimeType));
  if (statuses.length > 0) {
    const failures = statuses.flatMap((status) => failuresIn(textOf(status)));
    return { about: about.length > 0 ? about : idsInText(text), failure: failures[0] ?? null };
  }
  if (mail.attachments.some(({ mimeType }) => mimeType === 'message/disposition-notification')) {
    return { about, failure: null };
  }
  const failed = mail.headers.find(({ key }) => key === 'x-failed-recipients')?.value;
  // People attach mails too, which makes their mail neither a report nor an answer.
  if (failed === undefined && !isFromServer(mail))
    return about.length > 0 && isReport(mail) ? { about, failure: null } : null;
  return { about: [...about, ...idsInText(text)], failure: failureInText(text, failed) };
}

const isReport = ({ headers }: Email): boolean =>
  headers.some(({ key, value }) => key === 'content-type' && /^\s*multipart\/report\b/i.test(value));

const isFromServer = ({ headers }: Email): boolean =>
  headers.some(
    ({ key, value }) =>
      (key === 'from' && /\b(?:mailer-daemon|postmaster|mail delivery|microsoftexchange\w*)\b/i.test(value)) ||
      (key === 'return-path' && /^\s*<\s*>/.test(value)),
  );

function textOf({ content }: Attachment): string {
  const bytes = typeof content === 'string' ? Buffer.from(content) : Buffer.from(new Uint8Array(content));
  return bytes.subarray(0, 262_144).toString();
}

/** The Message-ID of a returned e-mail, of which the report contains the whole or only the headers. */
function reportedIds(attachment: Attachment): string[] {
  if (!/^(?:message\/(?:global|rfc822)|(?:text\/rfc822|message\/global)-headers)$/.test(attachment.mimeType)) return [];
  const head = textOf(attachment).slice(0, 65_536).replace(/^\s+/, '');
  return idsInText(head.slice(0, /\r?\n\r?\n/.exec(head)?.index ?? head.length));
}

const idsInText = (text: string): string[] =>
  Array.from(
    text.matchAll(/^[>\t ]{0,10}(?:original[- ])?message-id:[ \t]*(?:\r?\n[ \t]+)?<?([^<>\s]+@[^<>\s]+)>?/gim),
    ([, id]) => mailIdsIn(`<${id}>`),
  )
    .flat()
    .slice(0, 10);

/** What a delivery status (RFC 3464, 6533) says of those whom the mail could not reach. */
function failuresIn(status: string): DeliveryFailure[] {
  return status
    .replace(/\r\n?/g, '\n')
    .replace(/\n[ \t]+/g, ' ')
    .split(/\n[ \t]*\n/)
    .flatMap((block) => {
      const field = (name: string): string | undefined =>
        new RegExp(`^${name}:[ \\t]*(.*)$`, 'im').exec(block)?.[1]?.trim();
      if (!/^failed\b/i.test(field('action') ?? '')) return [];
      const diagnostic = field('diagnostic-code')?.replace(/^[\w-]+;\s*/, '') ?? '';
      const recipient = (field('final-recipient') ?? field('original-recipient'))?.replace(/^[\w-]+;\s*/, '');
      const code = codeIn(field('status') ?? '') ?? codeIn(diagnostic) ?? 'BOUNCED';
      return { code, reason: oneLine(diagnostic, maxReason) ?? code, recipient: recipientIn(recipient ?? '') };
    });
}

/** What a mail server writes in words, as qmail, Exim and Exchange do. */
function failureInText(text: string, failed: string | undefined): DeliveryFailure | null {
  const said = text.slice(0, 20_000);
  const own =
    said.split(
      /^(?:-{2,}.*copy of (?:the|your) message|[-\s]*original message(?: headers)?\b|-{2,}.*message headers).*$/im,
    )[0] ?? said;
  const isFailure = failed !== undefined || failureForms.test(own);
  if (!isFailure || (failed === undefined && delayForms.test(own) && !/permanent|giv(?:en|ing) up/i.test(own)))
    return null;
  const [line = ''] =
    own.match(/^.*\b[45]\d\d[ -][45]\.\d{1,3}\.\d{1,3}\b.*$|^.*\b[45]\.\d{1,3}\.\d{1,3}\b.*$|^.*\b5\d\d\b.*$/m) ?? [];
  const reason = line === '' ? (own.match(failureForms)?.[0] ?? own) : line;
  const recipient = failed ?? /<([^<>\s]+@[^<>\s]+)>:/.exec(own)?.[1] ?? /[^\s<>(),;:"]+@[^\s<>(),;:"]+/.exec(own)?.[0];
  return {
    code: codeIn(own) ?? 'BOUNCED',
    reason: oneLine(reason, maxReason) ?? '',
    recipient: recipientIn(recipient ?? ''),
  };
}

const failureForms =
  /[^\n]*(?:wasn't able to deliver|could not be delivered|couldn't be delivered|can(?:not|'t) be delivered|delivery (?:has )?failed|delivery failure|undeliverable|permanent (?:fatal )?error|failed permanently|did not reach|user unknown|unzustellbar|non remis|returned mail)[^\n]*/i;
const delayForms =
  /\b(?:delayed|warning|will (?:be retried|keep trying|continue to try)|has not yet been delivered|not been delivered yet)\b/i;

const codeIn = (text: string): string | null =>
  /\b[245]\.\d{1,3}\.\d{1,3}\b/.exec(text)?.[0] ?? /(?:^|[\s#(;])([45]\d\d)(?=[\s\-#);:]|$)/m.exec(text)?.[1] ?? null;

const recipientIn = (text: string): string | null =>
  /[^\s<>(),;:"]+@[^\s<>(),;:"]+/.exec(text)?.[0].replace(/[.>]+$/, '') ?? null;
