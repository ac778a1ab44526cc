import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { rivals } from '../rivals/index.js';
import { compareAnswers } from './compare.js';
import { chooseSamples, fillDatabase, workspaceId } from './dataset.js';
import { startLoadGenerator } from './load.js';
import { countStatements, measure } from './measure.js';
import { readOptions } from './options.js';
import { fromBench } from './paths.js';
import { createDatabase, openServer } from './postgres.js';
import { peakMemory } from './process.js';
import { profileArgs, profileReport, profileWhile } from './profile.js';
import { report } from './report.js';
import { answers } from './rival.js';
import { findNode, startServer, versionOf } from './server.js';
import { databaseStatistics } from './statistics.js';
import { undoing } from './undoing.js';

/** @typedef {import('./measure.js').Contender} Contender */
/** @typedef {import('./measure.js').Bench} Bench */

/** @param {string} text */
const say = (text) => process.stderr.write(`${text}\n`);

/**
 * @param {import('./options.js').Options} options
 * @param {import('./undoing.js').Cleanups} cleanups
 */
async function run(options, cleanups) {
  const node = findNode(options.node);
  const scratch = await mkdtemp(join(tmpdir(), 'deskgraph-bench-'));
  cleanups.push(() => rm(scratch, { recursive: true, force: true }));

  say('Starting the database …');
  const postgres = await openServer(options.adminUrl);
  cleanups.push(postgres.stop);
  const database = await createDatabase(postgres);
  cleanups.push(database.drop);
  say('Making the data set …');
  await fillDatabase(database.client, options);
  const samples = await chooseSamples(database.client, options);

  const load = startLoadGenerator();
  cleanups.push(load.stop);
  const statistics = await databaseStatistics(database.client);
  /** @type {Bench} */
  const bench = { load, statistics, samples, connections: options.connections };

  const profile = options.profile ? join(scratch, 'profile.json') : undefined;
  /** @type {Contender[]} */
  const contenders = [];
  for (const name of profile ? options.rivals.slice(0, 1) : options.rivals) {
    const rival = rivals[name];
    say(`Starting ${rival.title} …`);
    const setting = { databaseUrl: database.url, workspaceId, scratch, samples };
    const launch = await rival.launch(setting);
    if (profile) launch.env = { ...launch.env, BENCH_PROFILE: profile };
    const server = await startServer(launch, { node, databaseUrl: database.url, nodeArgs: profile ? profileArgs : [] });
    cleanups.push(server.stop);
    contenders.push({ name, rival, server, client: await rival.connect(setting, server.origin) });
  }

  await compareAnswers(contenders, options.operations, samples);
  if (profile) return profileFirst(bench, contenders, options, profile);

  const results = {
    node: await versionOf(node),
    postgres: (await database.client.query('SHOW server_version')).rows[0].server_version,
    connections: options.connections,
    seconds: options.seconds,
    ...(await measureAll(bench, contenders, options)),
  };
  await mkdir(fromBench('results'), { recursive: true });
  const file = fromBench(`results/${new Date().toISOString().replaceAll(':', '-')}.json`);
  await writeFile(file, `${JSON.stringify(results, null, 2)}\n`);
  process.stdout.write(`${report(results)}\n`);
  say(`Every round: ${file}`);
}

/**
 * Turn about: each round gives every server every operation, so that what the machine does besides hits all alike.
 * @param {Bench} bench
 * @param {Contender[]} contenders
 * @param {import('./options.js').Options} options
 */
async function measureAll(bench, contenders, { operations, rounds, seconds, warmup }) {
  say('Warming …');
  /** @type {import('./report.js').Row[]} */
  const rows = [];
  for (const operation of operations) {
    for (const contender of contenders.filter(({ rival }) => answers(rival, operation))) {
      await measure(bench, contender, operation, warmup);
      const statements = await countStatements(bench, contender, operation);
      rows.push({ rival: contender.rival.title, operation, statements, rounds: [] });
    }
  }
  for (let round = 1; round <= rounds; round += 1) {
    say(`Round ${round} of ${rounds} …`);
    for (const operation of operations) {
      for (const contender of contenders.filter(({ rival }) => answers(rival, operation))) {
        const row = rows.find((one) => one.rival === contender.rival.title && one.operation === operation);
        row?.rounds.push(await measure(bench, contender, operation, seconds));
      }
    }
  }
  const processes = contenders.map(({ rival, server }) => ({ rival: rival.title, peakMemory: peakMemory(server.pid) }));
  return { processes, rows };
}

/**
 * @param {Bench} bench
 * @param {Contender[]} contenders
 * @param {import('./options.js').Options} options
 * @param {string} file
 */
async function profileFirst(bench, [contender], { operations: [operation], seconds, warmup }, file) {
  if (!contender || !operation) throw new Error('There is nothing to profile');
  say(`Profiling ${contender.rival.title}, ${operation} …`);
  await measure(bench, contender, operation, warmup);
  const profile = await profileWhile(contender.server.pid, file, () => measure(bench, contender, operation, seconds));
  process.stdout.write(`${profileReport(profile)}\n`);
}

await undoing(async (cleanups) => {
  const options = readOptions(process.argv.slice(2), process.env);
  if (options) await run(options, cleanups);
});
