import type { AppError } from '../../errors.js';
import { isUniqueViolation } from '../database.js';

/**
 * Runs `work`, a transaction. If it violates a unique key, throws the error that `taken` returns, which names the row
 * that holds the value. `taken` runs after the transaction, because a failed transaction cannot read any more. If it
 * returns no error, throws the original one.
 */
export async function orTaken<T>(work: () => Promise<T>, taken: () => Promise<AppError | undefined>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw isUniqueViolation(error) ? ((await taken()) ?? error) : error;
  }
}
