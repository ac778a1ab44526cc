import { type Database, sql } from '../../db/database.js';
import { comparableAddress } from '../../lib/text/email.js';
import { participantsOf } from '../conversation/message/mail/message.participants.js';

/** The number of a conversation in the subject of its mails: `[#1042] Two seats too many`. */

const form = /\[#([1-9]\d{0,9})\]/g;
const answer = /^\s*(?:re\s*:\s*)+/i;
const maxNumber = 2_147_483_647;
/** How many numbers of a subject are looked up. */
const maxNamed = 5;
/** How many messages of a conversation are searched for the sender, latest first. */
const maxMessages = 200;

/** A conversation whose number is in a subject. */
export interface NumberedThread {
  id: string;
  number: number;
  /** Whether the sender has written to the conversation or received mail from it. */
  takesPart: boolean;
}

/** The subject with the number after the reply prefix ("Re:"). A number that is already there is not added again. */
export function numberedSubject(subject: string, number: number): string {
  if (numbersIn(subject).includes(number)) return subject;
  const [words = ''] = answer.exec(subject) ?? [];
  return `${words}[#${number}] ${subject.slice(words.length)}`.trimEnd();
}

/** The subject without these numbers; null if nothing else remains. */
export const subjectWithout = (subject: string, threads: readonly NumberedThread[]): string | null =>
  subject
    .replace(form, (tag, number: string) => (threads.some((thread) => thread.number === Number(number)) ? ' ' : tag))
    .replace(/\s+/g, ' ')
    .trim() || null;

/**
 * The conversations whose numbers are in the subject, if the workspace shows numbers. Anybody can guess a number, so
 * `takesPart` tells whether the sender may join the conversation by it.
 */
export async function numberedThreads(
  db: Database,
  workspaceId: string,
  { subject, sender }: { subject: string | null; sender: string },
): Promise<NumberedThread[]> {
  const numbers = numbersIn(subject ?? '').slice(0, maxNamed);
  if (numbers.length === 0) return [];
  const rows = await db.prisma.$queryRaw<Row[]>(sql`
    SELECT c."id", c."number", array_append(p."otherEmails", p."email") AS "contactEmails",
      COALESCE((SELECT json_agg(m."participants") FROM (SELECT o."participants" FROM "Message" AS o
        WHERE o."workspaceId" = c."workspaceId" AND o."conversationId" = c."id"
        ORDER BY o."sentAt" DESC, o."id" DESC LIMIT ${maxMessages}) AS m), '[]') AS "participants"
    FROM "Conversation" AS c
    JOIN "Workspace" AS w ON w."id" = c."workspaceId" AND w."showsNumberInSubjects"
    JOIN "Customer" AS p ON p."workspaceId" = c."workspaceId" AND p."id" = c."customerId"
    WHERE c."workspaceId" = ${workspaceId} AND c."number" = ANY(${numbers}::int[])`);
  const own = comparableAddress(sender);
  const isSender = (address: string | null): boolean => address !== null && comparableAddress(address) === own;
  return rows.map(({ id, number, contactEmails, participants }) => ({
    id,
    number,
    takesPart: contactEmails.some(isSender) || participants.flatMap(addressesOf).some(isSender),
  }));
}

interface Row {
  id: string;
  number: number;
  contactEmails: (string | null)[];
  participants: unknown[];
}

const numbersIn = (subject: string): number[] =>
  [...subject.matchAll(form)].map(([, number]) => Number(number)).filter((number) => number <= maxNumber);

function addressesOf(column: unknown): string[] {
  const { from, to, cc, bcc, replyTo } = participantsOf(column);
  return [...(from ? [from] : []), ...to, ...cc, ...bcc, ...replyTo].map(({ address }) => address);
}
