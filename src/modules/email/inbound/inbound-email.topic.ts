import type { Caller } from '../../../auth/caller.js';
import { sql, type Transaction } from '../../../db/database.js';
import { topicOf } from '../../../lib/mail/subject.js';
import { comparableAddress } from '../../../lib/text/email.js';

/** An answer comes within this time of the last message. */
const maxAgeMs = 7 * 86_400_000;
/** So many conversations that may be meant are looked at, the latest first. */
const maxCandidates = 50;

/** What of a mail says which conversation it goes on with, where no id and no address does. */
export interface Answer {
  subject: string | null;
  /** The ids that it refers to, none of which is known. */
  answers: readonly string[];
  author: string;
  channelId: string;
}

/**
 * The conversation that the mail goes on with, by what it is about and who takes part: some programs lose the ids, and
 * some relays change them. Null unless the mail says that it answers something, its subject is that of a conversation of
 * the last days in the same channel, and its author is the contact or was written to or from there.
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
