// Measures what operations take on the data set and on a larger one: were they to read more than they answer, it would show.
import { compareAnswers } from './comparison/compare.js';
import { measureEffort } from './growth/effort.js';
import { report } from './growth/report.js';
import { readOptions } from './comparison/options.js';
import { answers } from './server/rival.js';
import { findNode, versionOf } from './server/server.js';
import { openStage, say, startContender } from './server/stage.js';
import { undoAll, undoing } from './undoing.js';

const purpose = /** @type {const} */ ({
  purpose: 'Measures statements, blocks and time of the operations on the data set and on one that is --scale times as large: one request\nafter the other, in one round.\n',
  rivals: ['deskgraph', 'floor'],
  defaults: { seconds: '4', warmup: '2', rounds: '1', scale: '10' },
});

await undoing(async (cleanups) => {
  const options = readOptions(process.argv.slice(2), process.env, purpose);
  if (!options) return;
  const { node, scale, seconds } = options;
  const small = await effortsAt(1, options, cleanups);
  const large = await effortsAt(scale, options, cleanups);
  const rows = small.flatMap(({ rival, operation, effort }, place) => {
    const other = large[place]?.effort;
    return other ? [{ rival, operation, small: effort, large: other }] : [];
  });
  process.stdout.write(`Node.js ${await versionOf(findNode(node))}; one request after the other for ${seconds} s each.\n\n`);
  process.stdout.write(`${report(rows, scale)}\n`);
});

/**
 * What each operation takes on a data set of this scale, which is gone afterwards, so that neither takes memory from the other.
 * @param {number} scale
 * @param {import('./comparison/options.js').Options} options
 * @param {import('./undoing.js').Cleanups} cleanups
 */
async function effortsAt(scale, options, cleanups) {
  /** @type {import('./undoing.js').Cleanups} */
  const own = [];
  cleanups.push(() => undoAll(own));
  const stage = await openStage({ ...options, scale }, own);
  /** @type {import('./comparison/measure.js').Contender[]} */
  const contenders = [];
  for (const name of options.rivals) contenders.push(await startContender(stage, name, own));
  await compareAnswers(contenders, options.operations, stage.bench.samples);
  const efforts = [];
  for (const operation of options.operations) {
    for (const contender of contenders.filter(({ rival }) => answers(rival, operation))) {
      say(`${scale}×: ${operation}, ${contender.rival.title} …`);
      // What the operations before it wrote and left behind is no matter of the size.
      await stage.database.client.query('VACUUM');
      const effort = await measureEffort(stage.bench, contender, operation, options);
      efforts.push({ rival: contender.rival.title, operation, effort });
    }
  }
  await undoAll(own);
  return efforts;
}
