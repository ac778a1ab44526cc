import type { Transaction } from '../../../db/database.js';
import { enqueue, jobKind } from '../../../db/queue/jobs.js';
import type { CustomerStatus } from '../../../generated/prisma/client.js';

/** Starts the work that waits for the end of a suspension. A job does it, so that it begins after the commit. */

interface ResumptionJob {
  workspaceId: string;
}

export const resumptionJob = jobKind<ResumptionJob>('customer.resumed');

/** One job serves all suspensions that end while it waits. */
export const enqueueResumption = (tx: Transaction, workspaceId: string): Promise<void> =>
  enqueue(tx, resumptionJob, [{ payload: { workspaceId }, key: `customer.resumed:${workspaceId}` }]);

/** Whether a change of a customer ends a suspension. */
export const endsSuspension = (before: { status?: CustomerStatus }, after: { status?: CustomerStatus }): boolean =>
  before.status === 'SUSPENDED' && after.status === 'ACTIVE';
