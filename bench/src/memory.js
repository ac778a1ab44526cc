// Asks a server for all operations in turn for half an hour: what it keeps must not grow.
import { join } from 'node:path';
import { compareAnswers } from './comparison/compare.js';
import { measure } from './comparison/measure.js';
import { readOptions } from './comparison/options.js';
import { number, table } from './comparison/report.js';
import { collectArgs, keptMemory } from './memory/kept.js';
import { peakMemory, residentMemory } from './server/process.js';
import { answers } from './server/rival.js';
import { openStage, say, startContender } from './server/stage.js';
import { undoing } from './undoing.js';

const purpose = /** @type {const} */ ({
  purpose: 'Measures the memory of the first rival while it answers all operations in turn, and what it keeps when garbage is collected.\n',
  rivals: ['deskgraph'],
  defaults: { seconds: '4', warmup: '4', rounds: '35', scale: '1' },
});

await undoing(async (cleanups) => {
  const options = readOptions(process.argv.slice(2), process.env, purpose);
  const [name] = options?.rivals ?? [];
  if (!options || !name) return;
  const stage = await openStage(options, cleanups);
  const file = join(stage.scratch, 'memory.json');
  const contender = await startContender(stage, name, cleanups, { nodeArgs: collectArgs, env: { BENCH_MEMORY: file } });
  const operations = options.operations.filter((operation) => answers(contender.rival, operation));
  await compareAnswers([contender], operations, stage.bench.samples);

  const { pid } = contender.server;
  const began = Date.now();
  const rows = [];
  for (let round = 0; round <= options.rounds; round += 1) {
    say(`Round ${round} of ${options.rounds} …`);
    let requests = 0;
    for (const operation of operations) {
      // The first round makes caches full and code hot, and is where the others are compared with.
      const seconds = round === 0 ? options.warmup : options.seconds;
      requests += (await measure(stage.bench, contender, operation, seconds)).requestsPerSecond * seconds;
    }
    const resident = residentMemory(pid);
    const kept = await keptMemory(pid, file);
    const minutes = (Date.now() - began) / 60_000;
    rows.push([number(minutes, 1), number(requests, 0), number(resident, 0), number(kept.heap, 1), number(kept.external, 1)]);
  }
  const header = ['minutes', 'requests of the round', 'resident, MiB', 'objects kept, MiB', 'kept outside of the heap, MiB'];
  process.stdout.write(`${contender.rival.title}, at most ${number(peakMemory(pid), 0)} MiB resident.\n\n${table(header, rows).join('\n')}\n`);
});
