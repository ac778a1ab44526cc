import type { Caller } from '../../../auth/caller.js';
import { sql, type Transaction } from '../../../db/database.js';
import { topicOf } from '../../../lib/mail/subject.js';
import { comparableAddress } from '../../../lib/text/email.js';

/** How long after the last message an answer can still be matched by its subject. */
const maxAgeMs = 7 * 86_400_000;
/** The maximum number of candidate conversations to compare, latest first. */
const maxCandidates = 50;

/** The parts of an e-mail that identify its conversation when no Message-ID and no address does. */
export interface Answer {
  subject: string | null;
  /** The Message-IDs that it refers to. None of them is known. */
  answers: readonly string[];
  author: string;
  channelId: string;
}

/**
 * The conversation that the e-mail continues, matched by subject and participants, because some programs drop the
 * Message-IDs and some relays change them. Null unless the e-mail is marked as an answer, its subject is that of a
 * conversation active in the last days in the same channel, and its author is the contact or has written or received
 * mail in that conversation.
 */
export async function threadByTopic(
  tx: Transaction,
  { workspaceId }: Caller,
  { subject: given, answers, author, channelId }: Answer,
): Promise<string | null> {
  const { subject, topic, kind } = topicOf(given);
  if (topic === null || kind === 'FORWARD' || (kind === null && answers.length === 0)) return null;
  const since = new Date(Date.now() - maxAgeMs);
  const named = `"address": ${JSON.stringify(author.toLowerCase())}`;
  const rows = await tx.$queryRaw<{ id: string; subject: string }[]>(sql`
    SELECT c."id", c."subject" FROM "Conversation" AS c
    WHERE c."workspaceId" = ${workspaceId} AND c."channelId" = ${channelId} AND c."lastMessageAt" >= ${since}::timestamptz
      AND c."subject" IS NOT NULL AND (
        c."customerId" IN (SELECT e."customerId" FROM "CustomerEmail" AS e
          WHERE e."workspaceId" = ${workspaceId} AND e."key" = ${comparableAddress(author)})
        OR right(c."subject", ${[...subject].length}::int) = ${subject} AND EXISTS (SELECT FROM "Message" AS m
          WHERE m."workspaceId" = c."workspaceId" AND m."conversationId" = c."id" AND NOT m."internal"
            AND strpos(lower(m."participants"::text), ${named}) > 0))
    ORDER BY c."lastMessageAt" DESC, c."id" DESC LIMIT ${maxCandidates}`);
  return rows.find((row) => topicOf(row.subject).topic === topic)?.id ?? null;
}
