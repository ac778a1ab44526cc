import type { Transaction } from '../../../../db/database.js';
import { enqueue, jobKind } from '../../../../db/queue/jobs.js';
import type { MessageStatus } from '../../../../generated/prisma/client.js';

/** How an installation sends e-mails. Without it (command line, demo) messages are not sent by e-mail. */
export interface OutgoingMail {
  /** The status of a message whose e-mail is being sent: QUEUED if a mail server may refuse it. */
  statusAtFirst: Extract<MessageStatus, 'QUEUED' | 'SENT'>;
  /** The address of the e-mail channel that is created for a workspace without one; none is created if omitted. */
  firstMailbox?: string | undefined;
}

/** The message to send by e-mail. */
export interface MailJob {
  workspaceId: string;
  messageId: string;
}

export const mailJob = jobKind<MailJob>('send-mail');

/** Queues the e-mail of a message, to be sent once the transaction is committed. One statement. */
export const enqueueMail = (
  tx: Transaction,
  { workspaceId, id }: { workspaceId: string; id: string },
  runAt?: Date,
): Promise<void> => enqueue(tx, mailJob, [{ payload: { workspaceId, messageId: id }, ...(runAt && { runAt }) }]);

/** The Message-ID of a message that is sent from a mailbox; the same for every attempt. */
export const messageIdOf = (id: string, mailbox: string): string =>
  `${id}@${mailbox.slice(mailbox.lastIndexOf('@') + 1).toLowerCase()}`;
