import { operatorOf } from '../../../auth/caller.js';
import { type Database, sql } from '../../../db/database.js';
import { type Workers, workers } from '../../../db/queue/queue.js';
import type { Log } from '../../../lib/process/log.js';
import { enqueueMail, type MailJob, mailJob } from '../../conversation/message/message.outgoing.js';
import { recordEvents } from '../../events/event.service.js';
import { composeMail } from './outbound-email.compose.js';
import { type Draft, readDraft } from './outbound-email.draft.js';
import { SendFailure } from './outbound-email.failure.js';
import type { MailTransport } from './outbound-email.transports.js';

export interface DeliveryOptions {
  log: Log;
  transport: MailTransport;
  /** How long after the first failure it is tried again; each further time twice as long. 30 seconds unless said otherwise. */
  retryMs?: number;
}

/** Mails that are sent at once by a process. */
const concurrency = 4;
const longestRetryMs = 3_600_000;
/** With the pauses between them they take two days. */
const maxAttempts = 50;

/**
 * Who sends the mails of messages. A mail is sent at least once: again under the same Message-ID only when the process
 * died between the mail server's answer and our writing it down.
 */
export function mailWorkers(db: Database, { log, transport, retryMs = 30_000 }: DeliveryOptions): Workers {
  return workers(mailJob, concurrency, async (job, { signal }) => {
    const draft = await readDraft(db, job);
    if (!draft) return;
    try {
      const mail = await composeMail(draft.write());
      // A shut-down that waits no longer gives the job back: whether the mail went out is not known.
      await unlessAborted(transport(mail, job.messageId), signal);
    } catch (error) {
      if (!(error instanceof SendFailure)) throw error;
      if (error.cause !== undefined) log.warn({ err: error.cause, messageId: job.messageId }, error.reason);
      await writeFailure(db, job, draft, error, retryMs);
      return;
    }
    await writeSuccess(db, job, draft);
  });
}

/** Waits for the work until the signal fires. */
async function unlessAborted(work: Promise<void>, signal: AbortSignal): Promise<void> {
  let stop = (): void => undefined;
  const aborted = new Promise<never>((_, reject) => {
    stop = () => reject(new Error('The process shuts down.'));
  });
  if (signal.aborted) stop();
  signal.addEventListener('abort', stop);
  try {
    await Promise.race([work, aborted]);
  } finally {
    signal.removeEventListener('abort', stop);
  }
}

async function writeSuccess(
  db: Database,
  { workspaceId, messageId }: MailJob,
  { conversationId }: Draft,
): Promise<void> {
  await db.transaction(async (tx) => {
    const written =
      await tx.$executeRaw(sql`UPDATE "Message" SET "status" = 'SENT', "deliveredAt" = ${new Date()}::timestamptz,
        "sendAttempts" = "sendAttempts" + 1, "failureCode" = NULL, "failureReason" = NULL, "failureIsPermanent" = NULL
      WHERE "workspaceId" = ${workspaceId} AND "id" = ${messageId} AND "deliveredAt" IS NULL`);
    if (written === 0) return;
    const data = { after: { conversationId, status: 'SENT' } };
    await recordEvents(tx, operatorOf(workspaceId), [{ type: 'message.sent', entityId: messageId, data }]);
  });
}

/** Notes what went wrong, and when it is tried again unless that is of no use. */
async function writeFailure(
  db: Database,
  { workspaceId, messageId }: MailJob,
  { conversationId, attempts }: Draft,
  { code, reason, isPermanent }: SendFailure,
  retryMs: number,
): Promise<void> {
  const isFinal = isPermanent || attempts + 1 >= maxAttempts;
  await db.transaction(async (tx) => {
    const written = await tx.$executeRaw(sql`UPDATE "Message" SET
        "status" = CASE WHEN ${isFinal} THEN 'FAILED' ELSE "status" END, "sendAttempts" = "sendAttempts" + 1,
        "failureCode" = ${code}, "failureReason" = ${reason}, "failureIsPermanent" = ${isPermanent}
      WHERE "workspaceId" = ${workspaceId} AND "id" = ${messageId} AND "deliveredAt" IS NULL`);
    if (written === 0) return;
    if (!isFinal) {
      await enqueueMail(tx, { workspaceId, id: messageId }, new Date(Date.now() + pauseAfter(attempts + 1, retryMs)));
      return;
    }
    const data = { after: { conversationId, status: 'FAILED', code } };
    await recordEvents(tx, operatorOf(workspaceId), [{ type: 'message.failed', entityId: messageId, data }]);
  });
}

/** Twice as long each time and never quite the same, so that mails that failed together do not come back together. */
const pauseAfter = (attempts: number, retryMs: number): number =>
  Math.min(retryMs * 2 ** (attempts - 1), longestRetryMs) * (0.8 + 0.4 * Math.random());
