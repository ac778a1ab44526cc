import { AppError } from '../../errors.js';
import { faultOf } from '../faults/faults.js';

/**
 * Runs a part of a heavy read. Its errors have codes of their own, because integrations show them to the people who
 * read the figures.
 * @throws SERVICE_UNAVAILABLE for a transient fault of the database, ANALYTICS_ERROR when a statement fails; errors
 * that the caller can correct are not changed.
 */
export async function analytical<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    if (cause instanceof AppError) throw cause;
    const retryAfter = faultOf(cause)?.retryAfter;
    if (retryAfter != null) {
      const message = 'Analytics are not available right now; try again in a few seconds.';
      throw new AppError('SERVICE_UNAVAILABLE', message, { retryable: true, retryAfter }, { cause });
    }
    throw new AppError('ANALYTICS_ERROR', 'The figures could not be computed.', {}, { cause });
  }
}
