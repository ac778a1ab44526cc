import { inputSequences } from './operations.js';
import { cpuMilliseconds } from '../server/process.js';
import { send } from '../server/rival.js';
import { cpuBetween } from '../database/statistics.js';

/** Requests one after another, over which statements are counted. */
const countedRequests = 20;

/**
 * A rival whose server runs.
 * @typedef {object} Contender
 * @property {import('./options.js').RivalName} name
 * @property {import('../server/rival.js').Rival} rival
 * @property {import('../server/rival.js').Client} client
 * @property {import('../server/server.js').RunningServer} server
 * @property {import('../server/rival.js').Launch} launch how another process of it is started
 *
 * @typedef {import('./options.js').OperationName} OperationName
 *
 * @typedef {object} Bench what measuring needs besides the contender
 * @property {import('../load/load.js').LoadGenerator} load
 * @property {import('../database/statistics.js').DatabaseStatistics} statistics
 * @property {import('../database/dataset.js').Samples} samples
 * @property {number} connections
 *
 * @typedef {object} Measurement one server, one operation, one round
 * @property {number} requestsPerSecond
 * @property {number} p50 milliseconds
 * @property {number} p99 milliseconds
 * @property {number} late share of the requests
 * @property {number | undefined} serverCpu milliseconds per request
 * @property {number | undefined} databaseCpu milliseconds per request
 */

/**
 * @template {OperationName} Name
 * @param {Pick<Contender, 'client'>} contender
 * @param {Name} operation
 * @param {import('../database/dataset.js').Samples} samples
 * @param {number} connections
 */
export function requestSequences({ client }, operation, samples, connections) {
  return inputSequences(operation, samples, connections).map((inputs) => inputs.map(client.requests[operation]));
}

/**
 * @param {Bench} bench
 * @param {Contender} contender
 * @param {OperationName} operation
 * @param {number} seconds
 * @param {number} [rate] requests a second, for a load that does not wait for answers
 * @returns {Promise<Measurement>}
 */
export async function measure({ load, statistics, samples, connections }, contender, operation, seconds, rate) {
  const { origin, pid } = contender.server;
  await contender.client.renew?.();
  const databaseBefore = await statistics.cpu();
  const serverBefore = cpuMilliseconds(pid);
  const sequences = requestSequences(contender, operation, samples, connections);
  const result = await load.run({ origin, sequences, connections, seconds, ...(rate !== undefined && { rate }) });
  const serverAfter = cpuMilliseconds(pid);
  const databaseUsed = cpuBetween(databaseBefore, await statistics.cpu());
  await load.settle();
  if (result.failures > 0 || result.requests === 0) {
    throw new Error(`${contender.rival.title} failed ${result.failures} of ${result.requests} requests of ${operation}`);
  }
  return {
    requestsPerSecond: result.requests / result.seconds,
    p50: result.p50,
    p99: result.p99,
    late: result.late / result.requests,
    serverCpu: serverBefore === undefined || serverAfter === undefined ? undefined : (serverAfter - serverBefore) / result.requests,
    databaseCpu: databaseUsed === undefined ? undefined : databaseUsed / result.requests,
  };
}

/**
 * SQL statements per request, transaction control not included.
 * @param {Bench} bench
 * @param {Contender} contender
 * @param {OperationName} operation
 */
export async function countStatements({ statistics, samples }, contender, operation) {
  await contender.client.renew?.();
  const [requests = []] = requestSequences(contender, operation, samples, 1);
  await statistics.reset();
  for (let sent = 0; sent < countedRequests; sent += 1) {
    const request = requests[sent % requests.length];
    if (request) await send(contender.server.origin, request);
  }
  const statements = await statistics.statements();
  return statements === undefined ? undefined : statements / countedRequests;
}
