import { AppError } from '../../errors.js';
import { faultOf } from '../faults/faults.js';

/**
 * Does a part of a heavy read. What goes wrong with it is told apart from the rest of an answer, which integrations show to
 * people who look at figures.
 * @throws SERVICE_UNAVAILABLE when the database has a fault that passes, ANALYTICS_ERROR when a statement fails; and
 *   whatever the caller can mend, as it is.
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
