import type { Caller } from '../../../auth/caller.js';
import type { Transaction } from '../../../db/database.js';
import type { Identity, Mask } from '../../../lib/text/mask.js';
import type { Counts, DeletionMode } from './erasure.receipt.js';

/** The person whose data a step erases. */
export interface Person {
  caller: Caller;
  /**
   * The survivor, then the customers that were merged into it. All are marked as deleted, so nothing new is added to
   * them.
   */
  customerIds: readonly [string, ...string[]];
  mode: DeletionMode;
  /** Masks the person's names in the person's own conversations; null when there are no names. */
  own: Mask | null;
  elsewhere: Mask | null;
  elsewhereNames: Identity;
}

/** A cursor into the rows of a step, as JSON. */
export type Place = Readonly<Record<string, string>>;

/** The result of a step for some rows. */
export interface Batch {
  /** How many rows it processed. */
  rows: number;
  /** The cursor to continue from; null when the step is finished. */
  next: Place | null;
  counts: Counts;
  /** The messages whose e-mails must be removed from the outbox directory. */
  mails?: readonly string[];
}

/**
 * A part of a deletion: processes about `limit` rows after a cursor. If its transaction is rolled back, it runs again
 * from the same cursor.
 */
export type Step = (tx: Transaction, person: Person, after: Place | null, limit: number) => Promise<Batch>;

/** The result of a step that is finished in one call. */
export const done = (counts: Counts, rows = 0): Batch => ({ rows, next: null, counts });
