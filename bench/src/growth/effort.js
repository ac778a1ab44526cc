import { measure, sendSome } from '../measure.js';
import { median } from '../statistics.js';

const countedRequests = 60;

/** What is run less often than in every tenth request is no part of them: a look at keys or at the outbox. */
const leastCalls = countedRequests / 10;

/**
 * What one operation takes on one data set.
 * @typedef {object} Effort
 * @property {number} statements per request
 * @property {number} blocks per request
 * @property {number} p50 milliseconds, one request after the other
 * @property {number} databaseCpu milliseconds per request
 * @property {import('../statistics.js').Statement[]} byStatement
 */

/**
 * @param {import('../measure.js').Bench} bench
 * @param {import('../measure.js').Contender} contender
 * @param {import('../measure.js').OperationName} operation
 * @param {Pick<import('../options.js').Options, 'seconds' | 'warmup' | 'rounds'>} options
 * @returns {Promise<Effort>}
 */
export async function measureEffort(bench, contender, operation, { seconds, warmup, rounds }) {
  const alone = { ...bench, connections: 1 };
  await measure(alone, contender, operation, warmup);
  await sendSome(alone, contender, operation, countedRequests);
  const byStatement = (await bench.statistics.byStatement()).filter(({ calls }) => calls >= leastCalls);
  const times = [];
  for (let round = 0; round < rounds; round += 1) times.push(await measure(alone, contender, operation, seconds));
  return {
    statements: sumOf(byStatement.map(({ calls }) => calls)) / countedRequests,
    blocks: sumOf(byStatement.map(({ blocks }) => blocks)) / countedRequests,
    p50: median(times.map(({ p50 }) => p50)),
    databaseCpu: median(times.map(({ databaseCpu }) => databaseCpu ?? Number.NaN)),
    byStatement,
  };
}

/** @param {number[]} values */
const sumOf = (values) => values.reduce((sum, value) => sum + value, 0);
