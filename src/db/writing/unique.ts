import type { AppError } from '../../errors.js';
import { isUniqueViolation } from '../database.js';

/**
 * Runs `work`, a transaction. Where a unique key holds one of its values already, the error of `taken` is thrown, which names
 * the holder; it reads after the transaction, since a failed one reads nothing more. Without such an error the original one is.
 */
export async function orTaken<T>(work: () => Promise<T>, taken: () => Promise<AppError | undefined>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw isUniqueViolation(error) ? ((await taken()) ?? error) : error;
  }
}
