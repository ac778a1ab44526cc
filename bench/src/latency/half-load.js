import { measure } from '../comparison/measure.js';

/**
 * How long answers take at half of what the server can do at most.
 * @typedef {{ peak: number, p50: number, p99: number, late: number }} HalfLoad requests a second, milliseconds, and the
 *   share of requests that the load generator sent later than they were due: where it is large, the load is what was measured
 */

/** How many connections requests that come at a constant rate may take; others wait for one. */
const openConnections = 64;

/**
 * @param {import('../comparison/measure.js').Bench} bench
 * @param {import('../comparison/measure.js').Contender} contender
 * @param {import('../comparison/measure.js').OperationName} operation
 * @param {number} seconds
 * @returns {Promise<HalfLoad>}
 */
export async function measureAtHalf(bench, contender, operation, seconds) {
  const { requestsPerSecond: peak } = await measure(bench, contender, operation, seconds);
  const open = { ...bench, connections: openConnections };
  const { p50, p99, late } = await measure(open, contender, operation, seconds, peak / 2);
  return { peak, p50, p99, late };
}
