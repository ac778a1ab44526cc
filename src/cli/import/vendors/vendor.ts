import { z } from 'zod';
import { mailBounds } from '../../../modules/conversation/message/mail/message.bounds.js';
import { maxMessageLength } from '../../../modules/conversation/message/message.input.js';

/** The common parts of help desk exports, and of their conversion for an import of conversations. */

/** A conversation in the form that `import conversations` reads. */
export interface VendorConversation {
  externalId: string;
  number?: number;
  team: string;
  source: 'EMAIL' | 'CHAT' | 'FORM' | 'API';
  status: 'OPEN' | 'CLOSED';
  priority: 'LOW' | 'NORMAL' | 'HIGH' | 'URGENT';
  subject: string | null;
  tags: string[];
  createdAt: string;
  closedAt: string | null;
  snoozedUntil?: string | null;
  customer: { externalId: string | null; email: string | null; name: string | null };
  assignee: string | null;
  agents: VendorAgent[];
  messages: VendorMessage[];
}

export interface VendorAgent {
  email: string;
  name: string;
}

export interface VendorFile {
  url: string;
  fileName: string;
  contentType: string | null;
  sizeBytes: number | null;
}

export interface VendorMessage {
  externalId: string;
  direction: 'INBOUND' | 'OUTBOUND';
  isInternal: boolean;
  author: string | null;
  agent: string | null;
  text: string;
  html: string | null;
  isTruncated?: true;
  isAutomatic?: true;
  sentAt: string;
  attachments: VendorFile[];
}

/** An id. Some exports write it as a number, others as a text. */
export const vendorId = z
  .union([z.string().min(1).max(100), z.int()], 'Must be an id: a text or a whole number.')
  .transform(String);

/** An optional text. A blank text counts as missing. */
export const someText = z
  .string()
  .nullish()
  .transform((value) => {
    const text = clean(value ?? '').trim();
    return text === '' ? null : text;
  });

/** Removes what PostgreSQL cannot store: NUL and unpaired surrogates. */
const clean = (text: string): string => text.replaceAll('\0', '').replace(/\p{Surrogate}/gu, '\uFFFD');

/** The first `most` UTF-16 units of a text, without half a character at the end. */
export const shortened = (text: string, most: number): string => text.slice(0, most).replace(/\p{Surrogate}$/u, '');

/** The content of a message. Text that exceeds the maximum is cut. */
export function content(
  text: string | null,
  html: string | null,
): Pick<VendorMessage, 'text' | 'html' | 'isTruncated'> {
  const said = clean(text ?? '');
  const marked = html === null ? null : clean(html);
  const isLong = said.length > maxMessageLength || (marked?.length ?? 0) > mailBounds.html;
  return {
    text: shortened(said, maxMessageLength),
    // A cut document would be displayed incorrectly, so it is left out as a whole.
    html: marked !== null && marked.length <= mailBounds.html ? marked : null,
    ...(isLong && { isTruncated: true }),
  };
}

/** The media type; null if imports would not accept it. */
export const mediaType = (given: string | null): string | null =>
  given !== null && /^[\w!#$&^.+-]+\/[\w!#$&^.+-]+$/.test(given.trim()) ? given.trim() : null;

/** The agents without duplicates. */
export const agentsOf = (agents: readonly (VendorAgent | null)[]): VendorAgent[] => [
  ...new Map(agents.flatMap((agent) => (agent ? [[agent.email.toLowerCase(), agent] as const] : []))).values(),
];

/** Tags within the limits of conversations: at most 50 without duplicates, each of at most 64 characters. */
export const tagsOf = (given: readonly string[]): string[] =>
  [...new Set(given.flatMap((tag) => shortened(clean(tag).trim(), 64) || []))].slice(0, 50);
