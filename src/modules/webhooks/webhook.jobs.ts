import type { Transaction } from '../../db/database.js';
import { enqueue, jobKind } from '../../db/queue/jobs.js';

/** One attempt of a delivery. */
export interface DeliveryJob {
  workspaceId: string;
  deliveryId: string;
  /** How many attempts there were when it was enqueued; a job that finds more has nothing to do. */
  attemptCount: number;
}

export const deliverJob = jobKind<DeliveryJob>('webhook.deliver');
/** The same for endpoints that take long, which must not hold up the others. */
export const deliverSlowlyJob = jobKind<DeliveryJob>('webhook.deliver_slowly');

/** Has attempts made, each at its time, or at once. */
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
