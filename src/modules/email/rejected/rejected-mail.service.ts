import type { Caller } from '../../../auth/caller.js';
import { type Database, sql } from '../../../db/database.js';
import { readId } from '../../../db/global-id.js';
import { listReader } from '../../../db/lists/listing.js';
import { AppError, notFound } from '../../../errors.js';
import type { Conversation, Message, RejectedMail } from '../../../generated/prisma/client.js';
import { parseInput } from '../../../lib/values/validation.js';
import type { FileStore } from '../../file/file.store.js';
import type { InboundMailService, ReceivedMail } from '../inbound/inbound-email.service.js';
import type { MailReader } from '../inbound/reading/inbound-email.reader.js';
import { rejectedMailList } from './rejected-mail.fields.js';
import { type RetryRejectedMailInput, retryRejectedMailInput } from './rejected-mail.input.js';
import { reasonOf } from './rejection.js';

/** The message made from a rejected mail. */
export interface TakenIn {
  message: Message;
  conversation: Conversation;
  /** UNCHANGED if the same e-mail was already stored as a message. */
  result: 'CREATED' | 'UNCHANGED';
}

async function takenIn(db: Database, { workspaceId }: Caller, received: ReceivedMail): Promise<TakenIn> {
  const at = (id: string) => ({ where: { workspaceId_id: { workspaceId, id } } });
  const message = await db.prisma.message.findUniqueOrThrow(at(received.messageId));
  const conversation = await db.prisma.conversation.findUniqueOrThrow(at(received.conversationId));
  return { message, conversation, result: received.result === 'CREATED' ? 'CREATED' : 'UNCHANGED' };
}

/**
 * The ids of the mails that were rejected because their senders were suspended and are no longer, in the order of
 * arrival.
 */
async function waitingFor(db: Database, { workspaceId }: Caller): Promise<string[]> {
  const rows = await db.read(sql`SELECT r."id" FROM "RejectedMail" AS r
    WHERE r."workspaceId" = ${workspaceId} AND r."reason" = 'SUSPENDED_SENDER' AND NOT EXISTS (
      SELECT FROM "CustomerEmail" AS e
        JOIN "Customer" AS c ON c."workspaceId" = e."workspaceId" AND c."id" = e."customerId"
      WHERE e."workspaceId" = r."workspaceId" AND e."key" = r."sender" AND c."status" = 'SUSPENDED'
        AND c."mergedIntoId" IS NULL)
    ORDER BY r."createdAt", r."id"`);
  return rows.map(([id]) => String(id));
}

export function rejectedMailService(
  db: Database,
  files: FileStore,
  reader: Pick<MailReader, 'read'>,
  inbound: Pick<InboundMailService, 'receive'>,
) {
  /** Records why it was rejected this time. */
  const noteReason = async ({ workspaceId, id }: RejectedMail, error: unknown): Promise<void> => {
    const reason = reasonOf(error);
    if (reason === null || !(error instanceof AppError)) return;
    await db.transaction((tx) =>
      tx.rejectedMail.updateMany({ where: { workspaceId, id }, data: { reason, message: error.message } }),
    );
  };

  /** @throws NOT_FOUND, or the reason why it is rejected again, which is also recorded. */
  const receiveAgain = async (caller: Caller, id: string, channelId: string | null): Promise<ReceivedMail> => {
    const { workspaceId } = caller;
    const rejected = await db.prisma.rejectedMail.findUnique({ where: { workspaceId_id: { workspaceId, id } } });
    const bytes = rejected && (await files.read(workspaceId, rejected.digest));
    if (!rejected || !bytes) throw notFound('Rejected mail', ['id']);
    try {
      const mail = await reader.read(rejected.contentType ?? 'message/rfc822', bytes);
      // The recipients that the mail service reported come first.
      const recipients = [...new Set([...rejected.recipients, ...mail.recipients])];
      return await inbound.receive(caller, { ...mail, recipients }, channelId);
    } catch (error) {
      await noteReason(rejected, error);
      throw error;
    }
  };

  return {
    /** The workspace's rejected mails. @throws BAD_USER_INPUT at the argument that cannot be used. */
    list: listReader(db, rejectedMailList),

    /**
     * Makes a message of a rejected mail and removes it from the rejected mails.
     * @throws NOT_FOUND, or the reason why it is rejected again.
     */
    async retry(caller: Caller, input: RetryRejectedMailInput): Promise<TakenIn> {
      const { id: given, channelId = null } = parseInput(retryRejectedMailInput, input);
      return takenIn(db, caller, await receiveAgain(caller, readId('RejectedMail', given, ['id']), channelId));
    },

    /**
     * Makes messages of the mails that were rejected because their senders were suspended, if the suspension has ended.
     */
    async retrySuspended(caller: Caller, signal: AbortSignal): Promise<void> {
      for (const id of await waitingFor(db, caller)) {
        signal.throwIfAborted();
        try {
          await receiveAgain(caller, id, null);
        } catch (error) {
          // A lasting reason has been recorded. A passing error makes the job run again.
          if (reasonOf(error) === null && !(error instanceof AppError && error.code === 'NOT_FOUND')) throw error;
        }
      }
    },
  };
}
