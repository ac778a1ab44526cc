import { operatorOf } from '../../../auth/caller.js';
import { type Database, raw, sql } from '../../../db/database.js';
import { type Workers, workers } from '../../../db/queue/queue.js';
import { mailAttempts } from '../../../lib/observe/meters.js';
import { traced } from '../../../lib/observe/tracing.js';
import type { Log } from '../../../lib/process/log.js';
import { enqueueMail, type MailJob, mailJob } from '../../conversation/message/mail/message.outgoing.js';
import { recordEvents } from '../../events/event.service.js';
import type { FileStore } from '../../file/file.store.js';
import { threadAddresses } from '../thread-address.js';
import { composeMail, type OutboundEmail } from './outbound-email.compose.js';
import { type Draft, type DraftedEmail, readDraft } from './outbound-email.draft.js';
import { SendFailure } from './outbound-email.failure.js';
import type { MailTransport } from './outbound-email.transports.js';

export interface DeliveryOptions {
  log: Log;
  transport: MailTransport;
  /** The store of the files that messages attach. When left out there are no files. */
  files?: Pick<FileStore, 'read'>;
  /** Whether Reply-To is the address of the conversation. When left out, answers go to the sender. */
  threadAddresses?: boolean;
  /** The delay after the first failure, doubled after each further one; 30 seconds by default. */
  retryMs?: number;
  /** Removes the files of e-mails whose contact was deleted. When left out there are no such files. */
  forget?: (messageIds: readonly string[]) => Promise<unknown>;
}

const noFiles: Pick<FileStore, 'read'> = { read: async () => null };

/** How many e-mails a process sends at the same time. */
const concurrency = 4;
const longestRetryMs = 3_600_000;
/** With the delays between them, they take two days. */
const maxAttempts = 50;

/**
 * The workers that send the e-mails of messages. An e-mail is sent at least once: if the process ends after the reply
 * of the mail server but before it is recorded, the same e-mail is sent again with the same Message-ID.
 */
export function mailWorkers(db: Database, options: DeliveryOptions): Workers {
  const { log, transport, files = noFiles, retryMs = 30_000, forget } = options;
  const threads = options.threadAddresses ? threadAddresses(db) : null;
  /**
   * A deletion removes only the e-mail files that exist when it runs. This file may be written later, so it is removed
   * here.
   */
  const forgetErased = async (job: MailJob, draft: Draft | null = null): Promise<void> => {
    if (forget && (await isErased(db, job, draft))) await forget([job.messageId]);
  };
  return workers(mailJob, concurrency, async (job, { signal }) => {
    const draft = await readDraft(db, job);
    if (!draft) return forgetErased(job);
    let relayId: string | null;
    try {
      const written = draft.write();
      const conversation = { id: draft.conversationId, number: draft.conversationNumber };
      const replyTo = threads ? await threads.of(written.from.address, job.workspaceId, conversation) : null;
      const mail = await composeMail(await withFiles({ ...written, replyTo }, job, files));
      // On shutdown the job is returned to the queue, although the e-mail may have been sent.
      relayId = await traced({ name: 'send mail', kind: 'client' }, () =>
        unlessAborted(transport(mail, job.messageId), signal),
      );
    } catch (error) {
      if (!(error instanceof SendFailure)) throw error;
      logFailure(log, job, error);
      await writeFailure(db, job, draft, error, retryMs);
      return;
    }
    mailAttempts.inc({ outcome: 'sent' });
    if (!(await writeSuccess(db, job, draft, relayId))) await forgetErased(job, draft);
  });
}

/** The e-mail with the contents of its files. @throws SendFailure if a file cannot be read. */
async function withFiles(
  draft: DraftedEmail,
  { workspaceId }: MailJob,
  files: Pick<FileStore, 'read'>,
): Promise<OutboundEmail> {
  const attachments: OutboundEmail['attachments'][number][] = [];
  for (const file of draft.attachments) {
    if (file.digest === null) {
      if (file.url !== null) attachments.push({ fileName: file.fileName, url: file.url });
      continue;
    }
    const { fileName, contentType, digest } = file;
    const content = await files.read(workspaceId, digest).catch((error: unknown) => {
      throw new SendFailure('FILE', 'A file of the message cannot be read.', false, error);
    });
    if (!content) throw new SendFailure('FILE', 'A file of the message is not stored any more.', true);
    attachments.push({ fileName, contentType, content });
  }
  return { ...draft, attachments };
}

/** The reason can be the reply of a mail server, which can contain personal data. */
function logFailure(log: Log, { messageId }: MailJob, { cause, code }: SendFailure): void {
  if (cause !== undefined) log.warn({ err: cause, messageId, code }, 'An e-mail was not sent.');
}

/** Waits for the work, but only until the signal fires. */
async function unlessAborted<Result>(work: Promise<Result>, signal: AbortSignal): Promise<Result> {
  let stop = (): void => undefined;
  const aborted = new Promise<never>((_, reject) => {
    stop = () => reject(new Error('The process shuts down.'));
  });
  if (signal.aborted) stop();
  signal.addEventListener('abort', stop);
  try {
    return await Promise.race([work, aborted]);
  } finally {
    signal.removeEventListener('abort', stop);
  }
}

/** Whether an e-mail must still be sent: it was neither delivered nor given up. */
const isWaiting = raw(`"deliveredAt" IS NULL AND "status" IN ('QUEUED', 'SENT')`);

/** Whether the message or its contact was deleted, or a name was masked in its text, since the draft was read. */
async function isErased(db: Database, { workspaceId, messageId }: MailJob, draft: Draft | null): Promise<boolean> {
  const rows = await db.read(sql`SELECT FROM "Message" AS m
    JOIN "Conversation" AS c ON c."workspaceId" = m."workspaceId" AND c."id" = m."conversationId"
    JOIN "Customer" AS p ON p."workspaceId" = c."workspaceId" AND p."id" = c."customerId"
    WHERE m."workspaceId" = ${workspaceId} AND m."id" = ${messageId} AND p."deletedAt" IS NULL
      AND m."version" = COALESCE(${draft?.version ?? null}::int, m."version")`);
  return rows.length === 0;
}

/** Records the success. False if the message no longer waits, or was masked in the meantime. */
function writeSuccess(
  db: Database,
  { workspaceId, messageId }: MailJob,
  { conversationId, version }: Draft,
  relayId: string | null,
): Promise<boolean> {
  return db.transaction(async (tx) => {
    const [written] = await tx.$queryRaw<
      { version: number }[]
    >(sql`UPDATE "Message" SET "status" = 'SENT', "deliveredAt" = ${new Date()}::timestamptz, "relayMessageId" = ${relayId},
        "sendAttempts" = "sendAttempts" + 1, "failureCode" = NULL, "failureReason" = NULL, "failureIsPermanent" = NULL
      WHERE "workspaceId" = ${workspaceId} AND "id" = ${messageId} AND ${isWaiting}
      RETURNING "version"`);
    if (!written) return false;
    const data = { after: { conversationId, status: 'SENT' } };
    await recordEvents(tx, operatorOf(workspaceId), [{ type: 'message.sent', entityId: messageId, data }]);
    return written.version === version;
  });
}

/** Records a failure, and queues another attempt unless the failure is permanent. */
async function writeFailure(
  db: Database,
  { workspaceId, messageId }: MailJob,
  { conversationId, attempts }: Draft,
  { code, reason, isPermanent }: SendFailure,
  retryMs: number,
): Promise<void> {
  const isFinal = isPermanent || attempts + 1 >= maxAttempts;
  mailAttempts.inc({ outcome: isFinal ? 'given_up' : 'failed' });
  await db.transaction(async (tx) => {
    const written = await tx.$executeRaw(sql`UPDATE "Message" SET
        "status" = CASE WHEN ${isFinal} THEN 'FAILED' ELSE "status" END, "sendAttempts" = "sendAttempts" + 1,
        "failureCode" = ${code}, "failureReason" = ${reason}, "failureIsPermanent" = ${isPermanent}
      WHERE "workspaceId" = ${workspaceId} AND "id" = ${messageId} AND ${isWaiting}`);
    if (written === 0) return;
    if (!isFinal) {
      await enqueueMail(tx, { workspaceId, id: messageId }, new Date(Date.now() + delayAfter(attempts + 1, retryMs)));
      return;
    }
    const data = { after: { conversationId, status: 'FAILED', code } };
    await recordEvents(tx, operatorOf(workspaceId), [{ type: 'message.failed', entityId: messageId, data }]);
  });
}

/** Exponential backoff with jitter, so that e-mails which failed together are not retried together. */
const delayAfter = (attempts: number, retryMs: number): number =>
  Math.min(retryMs * 2 ** (attempts - 1), longestRetryMs) * (0.8 + 0.4 * Math.random());
