import { mkdir, writeFile } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { join } from 'node:path';
import { compareAnswers } from './comparison/compare.js';
import { countStatements, measure } from './comparison/measure.js';
import { readOptions } from './comparison/options.js';
import { fromBench } from './paths.js';
import { peakMemory, residentMemory } from './server/process.js';
import { profileArgs, profileReport, profileWhile } from './profile/profile.js';
import { report } from './comparison/report.js';
import { answers } from './server/rival.js';
import { versionOf } from './server/server.js';
import { openStage, say, startContender } from './server/stage.js';
import { undoing } from './undoing.js';

/** How long servers have nothing to do before it is told what they hold at rest. */
const restMs = 10_000;

/** @typedef {import('./comparison/measure.js').Contender} Contender */
/** @typedef {import('./comparison/measure.js').Bench} Bench */

/**
 * @param {import('./comparison/options.js').Options} options
 * @param {import('./undoing.js').Cleanups} cleanups
 */
async function run(options, cleanups) {
  const stage = await openStage(options, cleanups);
  const { node, database, scratch, bench } = stage;

  const profile = options.profile ? join(scratch, 'profile.json') : undefined;
  /** @type {Contender[]} */
  const contenders = [];
  for (const name of profile ? options.rivals.slice(0, 1) : options.rivals) {
    const how = profile ? { nodeArgs: profileArgs, env: { BENCH_PROFILE: profile } } : {};
    contenders.push(await startContender(stage, name, cleanups, how));
  }

  await compareAnswers(contenders, options.operations, bench.samples);
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
 * @param {import('./comparison/options.js').Options} options
 */
async function measureAll(bench, contenders, { operations, rounds, seconds, warmup }) {
  say('Warming …');
  /** @type {import('./comparison/report.js').Row[]} */
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
  say('Resting …');
  await delay(restMs);
  const processes = contenders.map(({ rival, server: { pid } }) => ({
    rival: rival.title,
    peakMemory: peakMemory(pid),
    restingMemory: residentMemory(pid),
  }));
  return { processes, rows };
}

/**
 * @param {Bench} bench
 * @param {Contender[]} contenders
 * @param {import('./comparison/options.js').Options} options
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
