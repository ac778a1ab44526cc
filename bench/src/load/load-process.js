// The load generator: a process of its own that runs one job after another.
import autocannon from 'autocannon';
import { runAtRate } from './open-load.js';
import { quantile } from '../database/statistics.js';

/**
 * @typedef {object} Job
 * @property {string} origin
 * @property {import('../server/rival.js').Request[][]} sequences what the connections send, each its own sequence over and over
 * @property {number} connections
 * @property {number} seconds
 * @property {number} [rate] requests a second; without it each connection sends its next request when the last is answered
 *
 * @typedef {object} LoadResult
 * @property {number} requests
 * @property {number} seconds
 * @property {number} failures
 * @property {number} p50 milliseconds
 * @property {number} p99 milliseconds
 * @property {number} late requests that were sent later than they were due
 */

process.on('message', async (message) => {
  const job = /** @type {Job} */ (message);
  process.send?.(resultOf(job.rate === undefined ? await run(job) : await runAtRate({ ...job, rate: job.rate })));
});

/**
 * @param {{ times: number[], seconds: number, failures: number, late?: number }} load
 * @returns {LoadResult}
 */
function resultOf({ times, seconds, failures, late = 0 }) {
  return { requests: times.length, seconds, failures, p50: quantile(times, 0.5), p99: quantile(times, 0.99), late };
}

/** @param {Job} job */
async function run({ origin, sequences, connections, seconds }) {
  /** @type {number[]} */
  const times = [];
  let failures = 0;
  const expected = sequences[0]?.[0]?.status ?? 200;
  let connection = 0;
  /** @type {autocannon.Options} */
  const options = {
    url: origin,
    connections,
    duration: seconds,
    // GraphQL answers errors with success.
    verifyBody: (body) => !body?.includes('"errors":'),
    setupClient: (client) => {
      client.setRequests(/** @type {autocannon.Request[]} */ (sequences[connection % sequences.length]));
      connection += 1;
    },
  };
  /** @type {autocannon.Result} */
  const result = await new Promise((resolve, reject) => {
    const instance = autocannon(options, (error, done) => (error ? reject(error) : resolve(done)));
    // autocannon itself keeps whole milliseconds only.
    instance.on('response', (_client, status, _bytes, milliseconds) => {
      times.push(milliseconds);
      if (status !== expected) failures += 1;
    });
  });
  return { times, seconds: result.duration, failures: failures + result.mismatches + result.errors + result.timeouts };
}
