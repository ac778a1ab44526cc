import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { fromBench } from '../paths.js';
import { requestSequences } from '../comparison/measure.js';
import { send } from '../server/rival.js';
import { startServer } from '../server/server.js';

/**
 * Milliseconds since the process was started.
 * @typedef {object} Start
 * @property {number} begun Node.js runs the server's first line
 * @property {number} connecting it first reaches for the database
 * @property {number} loaded the last module that it loads before it listens is loaded
 * @property {number} listening
 * @property {number} answered the first operation is answered
 */

/**
 * Starts another process of a contender's server, by the database that all use.
 * @param {import('../server/stage.js').Stage} stage
 * @param {import('../comparison/measure.js').Contender} contender
 * @returns {Promise<Start>}
 */
export async function measureStart({ node, scratch, database, bench }, { client, launch, name }) {
  const [[request] = []] = requestSequences({ client }, 'node', bench.samples, 1);
  if (!request) throw new Error('There is nothing to ask for');
  const file = join(scratch, `start-${name}.json`);
  await rm(file, { force: true });
  const nodeArgs = ['--import', fromBench('src/latency/start-hook.js')];
  const how = { node, databaseUrl: database.url, nodeArgs, askedEveryMs: 2 };

  const start = performance.timeOrigin + performance.now();
  const server = await startServer({ ...launch, env: { ...launch.env, BENCH_START: file } }, how);
  try {
    await send(server.origin, request);
    const answered = performance.timeOrigin + performance.now();
    const { begun, connecting, loaded, listening } = JSON.parse(await readFile(file, 'utf8'));
    return {
      begun: begun - start,
      connecting: connecting - start,
      loaded: loaded - start,
      listening: listening - start,
      answered: answered - start,
    };
  } finally {
    await server.stop();
  }
}
