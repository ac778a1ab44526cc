import { type Address, addressParser, type Email } from 'postal-mime';
import { isMailAddress } from '../../../../lib/text/email.js';
import { mailBounds } from '../../../conversation/message/mail/message.bounds.js';
import type { MailParticipant } from '../../../conversation/message/mail/message.participants.js';
import { oneLine } from './inbound-email.text.js';

/**
 * The sender and the recipients of an e-mail. People and programs write these headers in more ways than the standard
 * allows.
 */
export interface MailAddresses {
  /** Null if no header contains an address. */
  from: MailParticipant | null;
  replyTo: MailParticipant[];
  to: MailParticipant[];
  cc: MailParticipant[];
  /** The author of a mail that a mailing list sent from its own address, if the list names the author. */
  author: MailParticipant | null;
  isList: boolean;
  /** All recipients, in lower case; those from delivery headers come first. */
  recipients: string[];
}

/** Headers in which a mail server records the mailbox to which it delivered. */
const deliveryHeaders = [
  'delivered-to',
  'x-original-to',
  'x-envelope-to',
  'envelope-to',
  'x-forwarded-to',
  'x-delivered-to',
  'x-rcpt-to',
  'x-original-delivered-to',
  'x-real-to',
  'x-resolved-to',
  'x-envelope-recipient',
  'x-recipient',
  'x-gm-original-to',
  'x-ms-exchange-organization-originalenveloperecipients',
  'original-recipient',
];
const addresseeHeaders = [
  'to',
  'cc',
  'bcc',
  'apparently-to',
  'x-apparently-to',
  'resent-to',
  'resent-cc',
  'resent-bcc',
  'x-forwarded-for',
];

/** `named` are the recipients that the mail service reports. They come first. */
export function addressesOf({ headers }: Email, named: readonly string[]): MailAddresses {
  /** Each header may be long, so its addresses are parsed only once. */
  const known = new Map<string, MailParticipant[]>();
  const participants = (value: string): MailParticipant[] => {
    const found = known.get(value) ?? participantsIn(value);
    known.set(value, found);
    return found;
  };
  const of = (...names: string[]): MailParticipant[] =>
    names.flatMap((name) => headers.filter(({ key }) => key === name).flatMap(({ value }) => participants(value)));
  const has = (name: string): boolean => headers.some(({ key, value }) => key === name && value.trim() !== '');
  const from = of('from')[0] ?? of('sender')[0] ?? of('reply-to')[0] ?? of('return-path')[0] ?? null;
  const value = headers.find(({ key }) => key === 'from')?.value ?? '';
  const via = /^(.*?)\s+via\s+\S/i.exec(from?.name ?? '')?.[1];
  const isList = has('list-id') || has('list-post') || has('mailing-list') || via !== undefined;
  const author = of('x-original-from', 'x-original-sender')[0] ?? null;
  const recipients = [
    ...named.flatMap(participantsIn),
    ...of(...deliveryHeaders),
    ...of(...addresseeHeaders),
    ...passedOnFor(headers),
  ];
  return {
    from: from ?? daemonIn(value, headers),
    replyTo: of('reply-to', 'mail-reply-to').slice(0, mailBounds.participants),
    to: of('to').slice(0, mailBounds.participants),
    cc: of('cc').slice(0, mailBounds.participants),
    author: author && { ...author, name: author.name ?? unquoted(via ?? null) },
    isList,
    recipients: [...new Set(recipients.map(({ address }) => address.toLowerCase()))].slice(0, mailBounds.recipients),
  };
}

/** The name before "via", as lists and forms write it: `'Jane Doe' via Support`. */
export const nameBeforeVia = (name: string | null): string | null =>
  unquoted(/^(.*?)\s+via\s+\S/i.exec(name ?? '')?.[1] ?? name);

const unquoted = (name: string | null): string | null => name?.replace(/^(['"‘“])(.*)['"’”]$/, '$2').trim() || null;

/** The usable addresses of a header in their order, with their names. */
export function participantsIn(header: string): MailParticipant[] {
  const whole = header
    .slice(0, maxHeaderLength)
    .replace(/^\s*rfc822;\s*/i, '')
    .replace(/<\s*mailto:/gi, '<')
    .replace(/(^|[\s,;])mailto:/gi, '$1')
    .replace(/<{2,}/g, '<')
    .replace(/>{2,}/g, '>');
  const value = whole.length > maxSingle ? whole : mendedSingle(whole);
  const found = usable(addressParser(value));
  if (found.length > 0 || !value.includes('@')) return found;
  // An unclosed quotation mark hides the address.
  const plain = usable(addressParser(value.replaceAll('"', ' ')));
  if (plain.length > 0) return plain;
  const [bare] = bareAddress.exec(value) ?? [];
  return bare !== undefined && isMailAddress(bare) ? [{ name: null, address: bare }] : [];
}

/** Begins at the start of a word, so that a long word is scanned only once. */
const bareAddress = /(?<![^\s<>()[\]\\,;:"])[^\s<>()[\]\\,;:"@]{1,320}@[^\s<>()[\]\\,;:"]{1,320}/;

/** A longer header contains many addresses. */
const maxSingle = 1_000;

/**
 * Repairs common mistakes in a header with a single address: a colon in a name, which does not start a group; nested
 * comments; blanks around the "@" or between addresses.
 */
const mendedSingle = (value: string): string =>
  value
    .replace(/^([^"<;@]*:[^"<;@]*?)\s*<(?=[^;]*$)/, (_whole, name: string) => `"${name.trim()}" <`)
    .replace(/\(([^()]*)\(([^()]*)\)/g, '($1$2')
    .replace(/^\s*("[^"\\<>]{1,64}"@[^\s<>"',;:@]+)\s*$/, '<$1>')
    .replace(/^\s*([^\s<>"',;:@]+)\s+@\s+([^\s<>"',;:@]+)\s*$/, '$1@$2')
    .replace(/^\s*[^\s<>"',;:@]+@[^\s<>"',;:@]+(?:\s+[^\s<>"',;:@]+@[^\s<>"',;:@]+)+\s*$/, (bare) =>
      bare.trim().replace(/\s+/g, ', '),
    );

const maxHeaderLength = 300_000;

function usable(addresses: readonly Address[]): MailParticipant[] {
  const found: MailParticipant[] = [];
  /** The first parts of a name that the parser split at a comma: `Acme, Inc. <acme@…>`. */
  let begun: string[] = [];
  for (const address of addresses) {
    if (address.group) {
      found.push(...usable(address.group));
      begun = [];
      continue;
    }
    const mailbox = cleaned(address.address);
    if (mailbox === null) {
      if (address.name && !address.name.includes('@')) begun.push(address.name);
      continue;
    }
    // Removes the brackets that remain after the parser took the address out of the name.
    const own = address.name.replace(/\[\s*\]|(?:^|\s)>(?=\s|$)/g, ' ');
    const name = own && begun.length > 0 ? [...begun, own].join(', ') : own;
    found.push({ name: unquoted(oneLine(name, mailBounds.name)), address: mailbox });
    begun = [];
  }
  return found;
}

/** Invisible characters that come along when somebody copies an address from a page. */
const unseen = /[\u00ad\u200b\u200e\u200f\u202a-\u202e\u2060\u2066-\u2069\ufeff]/g;

/** The address in a form that mail can be sent to; null if it is invalid. */
function cleaned(given: string): string | null {
  const bare = given
    .replace(unseen, '')
    .trim()
    .replace(/^["']*<|[>"';,]+$/g, '')
    .replace(/^["']+(?![^"']*["']@)/, '')
    .replace(/^"([^"\s]+)"@/, '$1@')
    .replace(/\.$/, '');
  return isMailAddress(bare) ? bare : null;
}

/** Mail servers identify themselves without an address: `MAILER-DAEMON (Mail Delivery System)`, or `<>`. */
function daemonIn(value: string, headers: Email['headers']): MailParticipant | null {
  const [, local] = /^\s*["<]?(mailer-daemon|postmaster|root)\b(?!@)/i.exec(value) ?? [];
  if (local !== undefined) return { name: local, address: `${local.toLowerCase()}@localhost` };
  const isReturned = headers.some((header) => header.key === 'return-path' && /^\s*<\s*>/.test(header.value));
  if (!isReturned && !/^\s*["<]?\s*(?:mail (?:delivery|administrator)|>)/i.test(value)) return null;
  return { name: oneLine(value.replace(/["<>]+/g, ' '), mailBounds.name), address: 'mailer-daemon@localhost' };
}

/** The recipients in the Received headers, which are the only trace of a blind copy. */
const passedOnFor = (headers: Email['headers']): MailParticipant[] =>
  headers
    .filter(({ key }) => key === 'received')
    .flatMap(({ value }) => participantsIn(/\bfor\s+<?([^\s<>;]{1,320}@[^\s<>;]{1,320})>?/i.exec(value)?.[1] ?? ''));
