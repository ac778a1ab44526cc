import { requestSequences } from '../comparison/measure.js';
import { send } from '../server/rival.js';
import { cpuBetween, median } from '../database/statistics.js';

/** So many requests at least, however slow they are. */
const leastRequests = 60;

/** What fewer than every tenth request runs is no part of them: a look at keys or at the outbox. */
const leastShare = 0.1;

/** Nor is looking for jobs, which goes on beside them. */
const schemaOfJobs = '"deskgraph_jobs"';

/**
 * What one operation takes on one data set.
 * @typedef {object} Effort
 * @property {number} statements per request
 * @property {number} blocks per request
 * @property {number} p50 milliseconds, one request after the other
 * @property {number | undefined} databaseCpu milliseconds per request
 * @property {import('../database/statistics.js').Statement[]} byStatement of which calls and blocks are those per request
 */

/**
 * @param {import('../comparison/measure.js').Bench} bench
 * @param {import('../comparison/measure.js').Contender} contender
 * @param {import('../comparison/measure.js').OperationName} operation
 * @param {Pick<import('../comparison/options.js').Options, 'seconds' | 'warmup'>} options
 * @returns {Promise<Effort>}
 */
export async function measureEffort({ statistics, samples }, { client, server }, operation, { seconds, warmup }) {
  await client.renew?.();
  const [requests = []] = requestSequences({ client }, operation, samples, 1);

  /** @param {number} seconds */
  const ask = async (seconds) => {
    /** @type {number[]} */
    const times = [];
    const end = performance.now() + seconds * 1_000;
    while (times.length < leastRequests || performance.now() < end) {
      const request = requests[times.length % requests.length];
      if (!request) throw new Error(`There is no request of ${operation}`);
      const start = performance.now();
      await send(server.origin, request);
      times.push(performance.now() - start);
    }
    return times;
  };

  await ask(warmup);
  const before = await statistics.cpu();
  await statistics.reset();
  const times = await ask(seconds);
  const all = await statistics.byStatement();
  const cpu = cpuBetween(before, await statistics.cpu());
  const byStatement = all
    .map(({ text, calls, blocks }) => ({ text, calls: calls / times.length, blocks: blocks / times.length }))
    .filter(({ text, calls }) => calls >= leastShare && !text.includes(schemaOfJobs));
  return {
    statements: sumOf(byStatement.map(({ calls }) => calls)),
    blocks: sumOf(byStatement.map(({ blocks }) => blocks)),
    p50: median(times),
    databaseCpu: cpu === undefined ? undefined : cpu / times.length,
    byStatement,
  };
}

/** @param {number[]} values */
const sumOf = (values) => values.reduce((sum, value) => sum + value, 0);
