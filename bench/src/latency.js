// Measures how long answers take where a server is not at its limit: at half of its peak, for documents that it has never
// seen, and from its start to its first answer.
import { compareAnswers } from './comparison/compare.js';
import { isQueryOf, measureNewDocuments } from './latency/documents.js';
import { measureAtHalf } from './latency/half-load.js';
import { reportDocuments, reportLoads, reportStarts } from './latency/report.js';
import { measureStart } from './latency/start.js';
import { measure } from './comparison/measure.js';
import { readOptions } from './comparison/options.js';
import { answers } from './server/rival.js';
import { versionOf } from './server/server.js';
import { openStage, say, startContender } from './server/stage.js';
import { undoing } from './undoing.js';

/** The floor has no documents, and of both kinds of a rival one is enough here. */
const purpose = /** @type {const} */ ({
  purpose: 'Measures latency at half of the peak load, of documents that are new, and of the start.\n',
  rivals: ['deskgraph', 'postgraphile-deployed', 'apollo-dataloader'],
  defaults: { seconds: '4', warmup: '3', rounds: '3', scale: '1' },
});

await undoing(async (cleanups) => {
  const options = readOptions(process.argv.slice(2), process.env, purpose);
  if (!options) return;
  const { operations, rounds, seconds, warmup } = options;
  const stage = await openStage(options, cleanups);
  const { bench } = stage;
  /** @type {import('./comparison/measure.js').Contender[]} */
  const contenders = [];
  for (const name of options.rivals) contenders.push(await startContender(stage, name, cleanups));
  await compareAnswers(contenders, operations, bench.samples);

  say('Warming …');
  const pairs = operations.flatMap((operation) =>
    contenders
      .filter(({ rival }) => answers(rival, operation))
      .map((contender) => ({ contender, operation, row: { rival: contender.rival.title, operation } })),
  );
  for (const { contender, operation } of pairs) await measure(bench, contender, operation, warmup);

  /** @type {import('./latency/report.js').LoadRow[]} */
  const loads = pairs.map(({ row }) => ({ ...row, rounds: [] }));
  const queries = pairs.filter(({ contender, operation }) => contender.name !== 'floor' && isQueryOf(contender, operation));
  /** @type {import('./latency/report.js').DocumentRow[]} */
  const documents = queries.map(({ row }) => ({ ...row, first: [], second: [], third: [] }));
  /** @type {import('./latency/report.js').StartRow[]} */
  const starts = contenders.map(({ rival }) => ({ rival: rival.title, rounds: [] }));
  for (let round = 1; round <= rounds; round += 1) {
    say(`Round ${round} of ${rounds} …`);
    for (const [place, { contender, operation }] of pairs.entries()) {
      loads[place]?.rounds.push(await measureAtHalf(bench, contender, operation, seconds));
    }
    for (const [place, { contender, operation }] of queries.entries()) {
      const { first, second, third } = await measureNewDocuments(bench, contender, operation, `${operation}${round}`);
      documents[place]?.first.push(...first);
      documents[place]?.second.push(...second);
      documents[place]?.third.push(...third);
    }
    for (const [place, contender] of contenders.entries()) {
      starts[place]?.rounds.push(await measureStart(stage, contender));
    }
  }

  const lines = [
    `Node.js ${await versionOf(stage.node)}; ${rounds} rounds of ${seconds} s; medians over the rounds.`,
    ...['', '### At half of the peak', '', ...reportLoads(loads)],
    ...['', '### New documents', '', ...reportDocuments(documents)],
    ...['', '### Milliseconds from the start of the process until …', '', ...reportStarts(starts)],
  ];
  process.stdout.write(`${lines.join('\n')}\n`);
});
