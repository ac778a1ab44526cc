import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { rivals } from '../../rivals/index.js';
import { chooseSamples, fillDatabase, workspaceId } from '../database/dataset.js';
import { startLoadGenerator } from '../load/load.js';
import { createDatabase, openServer } from '../database/postgres.js';
import { findNode, startServer } from './server.js';
import { databaseStatistics } from '../database/statistics.js';

/**
 * What contenders run on.
 * @typedef {object} Stage
 * @property {string} node
 * @property {string} scratch
 * @property {import('../database/postgres.js').BenchDatabase} database
 * @property {import('../comparison/measure.js').Bench} bench
 */

/** @param {string} text */
export const say = (text) => process.stderr.write(`${text}\n`);

/**
 * An empty database, and a directory for what servers write.
 * @param {Pick<import('../comparison/options.js').Options, 'node' | 'adminUrl'>} options
 * @param {import('../undoing.js').Cleanups} cleanups
 * @returns {Promise<Omit<Stage, 'bench'>>}
 */
export async function openGround(options, cleanups) {
  const node = findNode(options.node);
  const scratch = await mkdtemp(join(tmpdir(), 'deskgraph-bench-'));
  cleanups.push(() => rm(scratch, { recursive: true, force: true }));

  say('Starting the database …');
  const postgres = await openServer(options.adminUrl);
  cleanups.push(postgres.stop);
  const database = await createDatabase(postgres);
  cleanups.push(database.drop);
  return { node, scratch, database };
}

/**
 * A database with the data set, and what measures.
 * @param {Pick<import('../comparison/options.js').Options, 'node' | 'adminUrl' | 'connections' | 'deep' | 'scale'>} options
 * @param {import('../undoing.js').Cleanups} cleanups
 * @returns {Promise<Stage>}
 */
export async function openStage(options, cleanups) {
  const ground = await openGround(options, cleanups);
  const { database } = ground;
  say('Making the data set …');
  await fillDatabase(database.client, options);
  const samples = await chooseSamples(database.client, options);

  const load = startLoadGenerator();
  cleanups.push(load.stop);
  const statistics = await databaseStatistics(database.client);
  return { ...ground, bench: { load, statistics, samples, connections: options.connections } };
}

/**
 * Starts the server of a rival, and a client of it.
 * @param {Stage} stage
 * @param {import('../comparison/options.js').RivalName} name
 * @param {import('../undoing.js').Cleanups} cleanups
 * @param {{ nodeArgs?: string[], env?: Record<string, string> }} [how]
 * @returns {Promise<import('../comparison/measure.js').Contender>}
 */
export async function startContender({ node, scratch, database, bench }, name, cleanups, { nodeArgs = [], env = {} } = {}) {
  const rival = rivals[name];
  say(`Starting ${rival.title} …`);
  const setting = { databaseUrl: database.url, workspaceId, scratch, samples: bench.samples };
  const launch = await rival.launch(setting);
  const server = await startServer({ ...launch, env: { ...launch.env, ...env } }, { node, databaseUrl: database.url, nodeArgs });
  cleanups.push(server.stop);
  return { name, rival, launch, server, client: await rival.connect(setting, server.origin) };
}
