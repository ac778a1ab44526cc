import type { Caller } from '../../../auth/caller.js';
import { sql, type Transaction } from '../../../db/database.js';
import type { MailParticipant } from '../../conversation/message/mail/message.participants.js';
import { idsByEmail } from '../../customer/lookup/customer.emails.js';
import { MailRejection } from '../rejected/rejection.js';
import { patternsFor } from './blocked-sender.pattern.js';

/**
 * Uses one statement, by unique indexes.
 * @throws MailRejection if one of the senders is blocked or is a suspended contact.
 */
export async function requireWelcome(
  tx: Transaction,
  { workspaceId }: Caller,
  senders: readonly MailParticipant[],
): Promise<void> {
  if (senders.length === 0) return;
  const patterns = [...new Set(senders.flatMap(({ address }) => patternsFor(address)))];
  const addresses = [...new Set(senders.map(({ address }) => address))];
  const [unwelcome] = await tx.$queryRaw<{ pattern: string | null }[]>(sql`
    SELECT "pattern" FROM "BlockedSender" WHERE "workspaceId" = ${workspaceId} AND "pattern" = ANY(${patterns}::text[])
    UNION ALL
    SELECT NULL FROM "Customer" AS named
      JOIN "Customer" AS r ON r."workspaceId" = named."workspaceId" AND r."id" = COALESCE(named."mergedIntoId", named."id")
    WHERE named."workspaceId" = ${workspaceId} AND r."status" = 'SUSPENDED' AND named."id" = ANY(ARRAY(
      ${idsByEmail(workspaceId, sql`IN (SELECT lower(a) FROM unnest(${addresses}::text[]) AS a)`)}))
    LIMIT 1`);
  if (!unwelcome) return;
  const path = ['from'];
  if (unwelcome.pattern === null)
    throw new MailRejection('SUSPENDED_SENDER', 'The contact who sent the mail is suspended.', { path });
  throw new MailRejection('BLOCKED_SENDER', `Mails from ${unwelcome.pattern} are blocked.`, { path });
}
