import type { Transaction } from '../../../db/database.js';
import { enqueue, jobKind } from '../../../db/queue/jobs.js';
import type { MessageStatus } from '../../../generated/prisma/client.js';

/** How an installation lets mails out. Without one (the command line, the demo) what is written is not mailed. */
export interface OutgoingMail {
  /** The status of a message whose mail is on its way: QUEUED where a mail server may refuse it. */
  statusAtFirst: Extract<MessageStatus, 'QUEUED' | 'SENT'>;
  /** The address of the e-mail channel that a workspace without one gets; absent: it gets none. */
  firstMailbox?: string | undefined;
}

/** Which message is to be mailed. */
export interface MailJob {
  workspaceId: string;
  messageId: string;
}

export const mailJob = jobKind<MailJob>('send-mail');

/** Lets the mail of a message out once the transaction is committed. One statement. */
export const enqueueMail = (
  tx: Transaction,
  { workspaceId, id }: { workspaceId: string; id: string },
  runAt?: Date,
): Promise<void> => enqueue(tx, mailJob, [{ payload: { workspaceId, messageId: id }, ...(runAt && { runAt }) }]);

/** The Message-ID of a message that goes out from a mailbox, the same however often it is sent. */
export const messageIdOf = (id: string, mailbox: string): string =>
  `${id}@${mailbox.slice(mailbox.lastIndexOf('@') + 1).toLowerCase()}`;
