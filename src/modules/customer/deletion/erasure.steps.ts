import type { Caller } from '../../../auth/caller.js';
import type { Transaction } from '../../../db/database.js';
import type { Identity, Mask } from '../../../lib/text/mask.js';
import type { Counts, DeletionMode } from './erasure.receipt.js';

/** Whom a step is about. */
export interface Person {
  caller: Caller;
  /** The survivor, then those that were merged into it. All are deleted already, so that nothing new comes to them. */
  customerIds: readonly [string, ...string[]];
  mode: DeletionMode;
  /** Takes the person out of texts of its own conversations; null when it has no name. */
  own: Mask | null;
  elsewhere: Mask | null;
  elsewhereNames: Identity;
}

/** A place in the rows of a step, as JSON. */
export type Place = Readonly<Record<string, string>>;

/** What a step did with some rows. */
export interface Batch {
  /** How many rows it looked at. */
  rows: number;
  /** Where to go on; null when there are no more. */
  next: Place | null;
  counts: Counts;
  /** The messages whose mails are to be removed from the outbox directory. */
  mails?: readonly string[];
}

/**
 * Does a part of a deletion: some rows after a place, about as many as `limit`. It is done again from the same place when
 * its transaction was rolled back.
 */
export type Step = (tx: Transaction, person: Person, after: Place | null, limit: number) => Promise<Batch>;

/** A step that is done at once. */
export const done = (counts: Counts, rows = 0): Batch => ({ rows, next: null, counts });
