import type { Transaction } from '../../db/database.js';
import { enqueue, jobKind } from '../../db/queue/jobs.js';

/** One attempt of a delivery. */
export interface DeliveryJob {
  workspaceId: string;
  deliveryId: string;
  /**
   * The number of attempts when the job was queued. If the delivery has more by now, the job is outdated and does
   * nothing.
   */
  attemptCount: number;
}

export const deliverJob = jobKind<DeliveryJob>('webhook.deliver');
/** The same job for slow endpoints, which must not delay the others. */
export const deliverSlowlyJob = jobKind<DeliveryJob>('webhook.deliver_slowly');

/** Queues attempts at their times, or at once. */
export const enqueueDeliveries = (
  tx: Transaction,
  jobs: readonly (DeliveryJob & { at?: Date | null })[],
  kind = deliverJob,
): Promise<void> =>
  enqueue(
    tx,
    kind,
    jobs.map(({ at, ...payload }) => ({ payload, ...(at && { runAt: at }) })),
  );
