import type { z } from 'zod';
import type { Caller } from '../../../auth/caller.js';
import { type Database, opaque, sql, type Transaction } from '../../../db/database.js';
import { readId } from '../../../db/global-id.js';
import { enqueue, jobKind } from '../../../db/queue/jobs.js';
import { type Workers, workers } from '../../../db/queue/queue.js';
import type { Conversation } from '../../../generated/prisma/client.js';
import { parseInput } from '../../../lib/values/validation.js';
import { requireVersion } from '../../../lib/values/version.js';
import type { KeptElsewhere } from '../../customer/deletion/customer.deletion.js';
import { digestsOf } from '../../customer/deletion/erasure.files.js';
import { blankEvents } from '../../events/event.blanking.js';
import { recordEvents } from '../../events/event.service.js';
import { releaseFiles } from '../../file/file.references.js';
import { eraseAnswersAbout } from '../../idempotency/idempotency.erasure.js';
import { deleteConversationInput } from '../conversation.input.js';
import { lockConversation } from '../conversation.writes.js';

export type DeleteConversationInput = z.input<typeof deleteConversationInput>;

/** Enough for a conversation with very many messages on a busy machine. */
const timeoutMs = 60_000;

/**
 * Removes a conversation with its messages, files and waiting e-mails. Its events stay without the texts, and one more
 * event records the deletion. The contact stays, with a summary of its remaining conversations.
 * @throws InvalidInput, NOT_FOUND, CONFLICT for the version.
 */
export async function deleteConversation(
  db: Database,
  caller: Caller,
  input: DeleteConversationInput,
  kept: KeptElsewhere,
): Promise<{ deletedId: string }> {
  const { id: given, ifVersion } = parseInput(deleteConversationInput, input);
  const id = readId('Conversation', given, ['id']);
  const rest = await db.transaction(
    async (tx) => {
      const conversation = await lockConversation(tx, caller, id, 'id');
      requireVersion('conversation', conversation, ifVersion);
      const mails = await remove(tx, caller, conversation);
      const rest: Rest = { workspaceId: caller.workspaceId, mails };
      await enqueue(tx, restJob, [{ payload: rest, runAt: new Date(Date.now() + resumeAfterMs) }]);
      return rest;
    },
    { timeoutMs },
  );
  await forget(rest, kept);
  return { deletedId: id };
}

/** The data of a deleted conversation outside the database. */
interface Rest {
  workspaceId: string;
  /** The ids of its messages that were, or were to be, sent as mails. */
  mails: string[];
}

async function forget({ workspaceId, mails }: Rest, kept: KeptElsewhere): Promise<void> {
  if (mails.length > 0) await kept.forgetMails(mails);
  await kept.forgetFiles(workspaceId);
  kept.forgetWorkspace(workspaceId);
}

const restJob = jobKind<Rest>('conversation.forget');
/** By then the request that deleted it has usually finished the deletion. */
const resumeAfterMs = 30_000;

/** Finishes deletions that were interrupted. */
export const conversationDeletionWorkers = (kept: KeptElsewhere): Workers =>
  workers(restJob, 1, (rest) => forget(rest, kept));

/** Removes a locked conversation. Returns the messages that were, or are to be, sent as mails. */
async function remove(tx: Transaction, caller: Caller, conversation: Conversation): Promise<string[]> {
  const { workspaceId, id, customerId, channelId } = conversation;
  const messages = await tx.$queryRaw<{ id: string; isMail: boolean }[]>(sql`
    SELECT m."id", m."direction" <> 'INBOUND' AND m."emailMessageId" IS NOT NULL AS "isMail" FROM "Message" AS m
    WHERE m."workspaceId" = ${workspaceId} AND m."conversationId" = ${id} ORDER BY m."id" FOR UPDATE`);
  const ids = messages.map((message) => message.id);
  await blankEvents(tx, caller, [id, ...ids]);
  await eraseAnswersAbout(tx, workspaceId, [id]);
  const digests = await digestsOf(tx, workspaceId, ids);
  await tx.$executeRaw(sql`DELETE FROM "MessageAttachment"
    WHERE "workspaceId" = ${workspaceId} AND "messageId" = ANY(${opaque(ids)}::text[])`);
  await tx.$executeRaw(sql`DELETE FROM "Message" WHERE "workspaceId" = ${workspaceId} AND "conversationId" = ${id}`);
  await tx.$executeRaw(sql`DELETE FROM "Conversation" WHERE "workspaceId" = ${workspaceId} AND "id" = ${id}`);
  await releaseFiles(tx, workspaceId, digests);
  await tx.$executeRaw(sql`UPDATE "Customer" AS c SET "conversationCount" = GREATEST(c."conversationCount" - 1, 0),
      "lastMessageAt" = latest."lastMessageAt", "lastMessagePreview" = latest."lastMessagePreview"
    FROM (SELECT) AS one LEFT JOIN LATERAL (
      SELECT r."lastMessageAt", r."lastMessagePreview" FROM "Conversation" AS r
      WHERE r."workspaceId" = ${workspaceId} AND r."customerId" = ${customerId}
      ORDER BY r."lastMessageAt" DESC, r."id" DESC LIMIT 1) AS latest ON true
    WHERE c."workspaceId" = ${workspaceId} AND c."id" = ${customerId}`);
  await recordEvents(tx, caller, [{ type: 'conversation.deleted', entityId: id, data: { customerId, channelId } }]);
  return messages.flatMap((message) => (message.isMail ? message.id : []));
}
