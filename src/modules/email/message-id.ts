import { createHash } from 'node:crypto';

/** Message-IDs (RFC 5322, 3.6.4), by which mails refer to each other. They are kept without their angle brackets. */

/** An index entry has a maximum size. A longer id is replaced by its hash. */
const maxLength = 500;

/** How many characters of a header are read. */
const maxHeaderLength = 65_536;

/**
 * One Message-ID. One without brackets must start at the beginning of a word, so that a long word is scanned only once.
 */
const idForm = /<([^<>]+)>|(?<![^\s<>,;"()])([^\s<>,;"()@]+@[^\s<>,;"()]+)/g;

/** All Message-IDs in a header such as References, in their order. They may lack brackets or be folded. */
export const mailIdsIn = (header: string | undefined): string[] =>
  Array.from((header ?? '').slice(0, maxHeaderLength).matchAll(idForm), ([, bracketed, bare = '']) =>
    (bracketed?.replace(/\s+/g, '') ?? bare).replace(/^(?:message-?id:|mid:)/i, ''),
  )
    .filter((id) => id !== '')
    .map(stored);

/** The id in a Message-ID header, with or without angle brackets; null if there is none. */
export function mailId(header: string | undefined): string | null {
  const [bracketed] = mailIdsIn(header);
  if (bracketed !== undefined) return bracketed;
  const bare = header?.trim();
  return bare && /^[^<>\s]+$/.test(bare) ? stored(bare) : null;
}

const stored = (id: string): string => {
  const kept = id.replaceAll('\0', '').replace(/\p{Surrogate}/gu, '\ufffd');
  return kept.length > maxLength ? `sha256-${createHash('sha256').update(kept).digest('hex')}` : kept;
};

/** Whether a stored id can be written into a header: it is not a hash and has only visible ASCII characters. */
export const isRealMailId = (id: string): boolean => /^(?!sha256-)[\x21-\x7e]+$/.test(id);

/**
 * The id that a relay assigns to an e-mail, taken from its reply: `250 Ok 0102018f…-000000` of SES, `250 2.6.0 <…@…>
 * Queued mail for delivery` of Exchange. Null if the reply has no globally unique id.
 */
export function relayIdIn(answer: string): string | null {
  const named = mailIdsIn(answer.slice(0, maxAnswerLength)).find((id) => /^(?=[^@]*\d)[^@]{16,}@/.test(id));
  if (named !== undefined) return named;
  const words = answer.slice(0, maxAnswerLength).match(/[\w-]{16,}/g) ?? [];
  return words.filter((word) => /\d/.test(word)).sort((one, other) => other.length - one.length)[0] ?? null;
}

const maxAnswerLength = 1_000;
