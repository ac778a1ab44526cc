import type { Caller } from '../../../auth/caller.js';
import { sql, type Transaction } from '../../../db/database.js';
import type { Conversation } from '../../../generated/prisma/client.js';
import { comparableMailId, relayIdsOf } from '../../conversation/message/mail/mail-id.js';
import { recordEvents } from '../../events/event.service.js';
import type { ParsedMail } from './reading/inbound-email.parse.js';

/**
 * If the e-mail is a bounce, sets the message that could not be delivered to FAILED, provided that it is in this locked
 * conversation. Returns whether the e-mail is a bounce.
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
