import type { Caller } from '../../../auth/caller.js';
import { sql, type Transaction } from '../../../db/database.js';
import type { Conversation } from '../../../generated/prisma/client.js';
import { comparableMailId, relayIdsOf } from '../../conversation/message/mail/mail-id.js';
import { recordEvents } from '../../events/event.service.js';
import type { ParsedMail } from './reading/inbound-email.parse.js';

/**
 * Sets the message that a report says could not be delivered to FAILED, if it is of this locked conversation. Returns
 * whether the report says so.
 */
export async function bounce(
  tx: Transaction,
  caller: Caller,
  { workspaceId, id: conversationId }: Conversation,
  { report }: Pick<ParsedMail, 'report'>,
): Promise<boolean> {
  if (!report?.failure) return false;
  const { code, reason, recipient } = report.failure;
  const rows = await tx.$queryRaw<{ id: string }[]>(sql`UPDATE "Message" SET "status" = 'FAILED',
      "failureCode" = ${code}, "failureReason" = ${reason}, "failureIsPermanent" = true, "failureRecipient" = ${recipient}
    WHERE "workspaceId" = ${workspaceId} AND "conversationId" = ${conversationId} AND "direction" = 'OUTBOUND'
      AND "status" <> 'FAILED' AND (lower("emailMessageId") = ANY(${report.about.map(comparableMailId)}::text[])
        OR lower("relayMessageId") = ANY(${relayIdsOf(report.about)}::text[]))
    RETURNING "id"`);
  const after = { conversationId, status: 'FAILED', code };
  await recordEvents(
    tx,
    caller,
    rows.map(({ id }) => ({ type: 'message.failed' as const, entityId: id, data: { after } })),
  );
  return true;
}
