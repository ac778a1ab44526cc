import { AppError } from '../../errors.js';
import { type Database, isUniqueViolation, type Transaction } from '../database.js';
import { Overtaken } from './import-batch.js';

const maxAttempts = 5;

/** Runs `work` in a transaction, with the retries of `retryWhenOvertaken`. */
export const rerunWhenOvertaken = <T>(
  db: Database,
  path: readonly string[],
  work: (tx: Transaction) => Promise<T>,
): Promise<T> => retryWhenOvertaken(path, () => db.transaction(work));

/**
 * Runs `work`, and runs it again when another transaction wrote between its reads and its writes.
 * @throws CONFLICT (retryable) at `path` after five such attempts.
 */
export async function retryWhenOvertaken<T>(
  path: readonly string[],
  work: (attempt: number) => Promise<T>,
): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await work(attempt);
    } catch (error) {
      if (!(error instanceof Overtaken) && !isUniqueViolation(error)) throw error;
      if (attempt === maxAttempts) {
        throw new AppError('CONFLICT', 'Other changes of the same are under way.', { path, retryable: true });
      }
    }
  }
}
