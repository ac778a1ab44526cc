import { type Caller, operatorOf } from '../../../auth/caller.js';
import { type Database, sql, type Transaction } from '../../../db/database.js';
import { newId } from '../../../db/ids.js';
import { enqueue, jobKind } from '../../../db/queue/jobs.js';
import { type Workers, workers } from '../../../db/queue/queue.js';
import type { RejectedMail, RejectionReason } from '../../../generated/prisma/client.js';
import { comparableAddress } from '../../../lib/text/email.js';
import { resumptionJob } from '../../customer/suspension/customer.suspension.js';
import { referToFiles, releaseFiles } from '../../file/file.references.js';
import type { FileStore } from '../../file/file.store.js';
import { oneLine } from '../inbound/reading/inbound-email.text.js';

/** How long a rejected mail is kept. */
export const rejectedMs = 30 * 86_400_000;
/** How many rejected mails a workspace can keep. */
const maxRejected = 10_000;
const maxRecipients = 100;
const dayMs = 86_400_000;

/** An e-mail that was rejected, and why. */
export interface Rejection {
  reason: RejectionReason;
  message: string;
  /** The raw e-mail, or the body of the request if it contained none. */
  bytes: Uint8Array;
  /** The media type of that body; null for a raw e-mail. */
  contentType: string | null;
  sender: string | null;
  recipients: readonly string[];
  subject: string | null;
}

export interface KeptRejection {
  mail: RejectedMail;
  /** Whether it is new. */
  isNew: boolean;
}

/** Keeps the e-mail until it becomes a message or expires; null if too many are kept already. */
export const keepRejected = (
  db: Database,
  files: FileStore,
  workspaceId: string,
  { bytes, sender, recipients, ...rejection }: Rejection,
): Promise<KeptRejection | null> =>
  files.keep(workspaceId, [bytes], ([digest = '']) =>
    db.transaction(async (tx) => {
      await referToFiles(tx, workspaceId, [digest]);
      const known = await tx.rejectedMail.findUnique({ where: { workspaceId_digest: { workspaceId, digest } } });
      if (!known && (await isFull(tx, workspaceId))) return null;
      const { reason, message } = rejection;
      const mail = await tx.rejectedMail.upsert({
        where: { workspaceId_digest: { workspaceId, digest } },
        create: {
          workspaceId,
          id: newId('RejectedMail'),
          digest,
          ...rejection,
          sender: sender && comparableAddress(sender),
          recipients: spelt(recipients),
          sizeBytes: bytes.byteLength,
        },
        update: { reason, message, attempts: { increment: 1 }, lastReceivedAt: new Date() },
      });
      if (!known) await enqueueExpiry(tx, workspaceId);
      return { mail, isNew: !known };
    }),
  );

/** The distinct addresses in the form in which they are compared. A mail service may report invalid ones. */
const spelt = (addresses: readonly string[]): string[] => [
  ...new Set(addresses.slice(0, maxRecipients).flatMap((address) => oneLine(comparableAddress(address), 320) ?? [])),
];

async function isFull(tx: Transaction, workspaceId: string): Promise<boolean> {
  const [row] = await tx.$queryRaw<{ count: number }[]>(sql`SELECT count(*)::int AS "count" FROM (
    SELECT FROM "RejectedMail" WHERE "workspaceId" = ${workspaceId} LIMIT ${maxRejected}) AS few`);
  return (row?.count ?? 0) >= maxRejected;
}

/** Removes the rejected mail that has become a message. The message refers to its bytes. */
export async function forgetRejected(tx: Transaction, workspaceId: string, digest: string): Promise<void> {
  await tx.$executeRaw(sql`DELETE FROM "RejectedMail" WHERE "workspaceId" = ${workspaceId} AND "digest" = ${digest}`);
}

interface ExpiryJob {
  workspaceId: string;
}

const expiryJob = jobKind<ExpiryJob>('expire-rejected-mails');

/** One job per day for all that expire on that day. */
async function enqueueExpiry(tx: Transaction, workspaceId: string): Promise<void> {
  const day = Math.ceil((Date.now() + rejectedMs) / dayMs);
  const key = `expire-rejected-mails:${workspaceId}:${day}`;
  await enqueue(tx, expiryJob, [{ payload: { workspaceId }, runAt: new Date(day * dayMs), key }]);
}

/** `retrySuspended` makes messages of the mails whose senders are no longer suspended. */
export const rejectedMailWorkers = (
  db: Database,
  retrySuspended: (caller: Caller, signal: AbortSignal) => Promise<void>,
): Workers[] => [
  workers(expiryJob, 1, ({ workspaceId }) => expire(db, workspaceId)),
  workers(resumptionJob, 1, ({ workspaceId }, { signal }) => retrySuspended(operatorOf(workspaceId), signal)),
];

/** Removes the expired rejected mails of a workspace. */
const expire = (db: Database, workspaceId: string): Promise<void> =>
  db.transaction(async (tx) => {
    const before = new Date(Date.now() - rejectedMs);
    const rows = await tx.$queryRaw<{ digest: string }[]>(sql`DELETE FROM "RejectedMail"
      WHERE "workspaceId" = ${workspaceId} AND "createdAt" < ${before}::timestamptz RETURNING "digest"`);
    await releaseFiles(
      tx,
      workspaceId,
      rows.map(({ digest }) => digest),
    );
  });
