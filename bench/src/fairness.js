// Measures what one key at its limit does to the inbox page of another workspace of the same gateway.
import { createApiKey, deskgraph } from '../rivals/deskgraph.js';
import { otherWorkspaceId, workspaceId } from './database/dataset.js';
import { loadsOf } from './fairness/loads.js';
import { report } from './fairness/report.js';
import { startGateway } from './server/gateway.js';
import { startLoadGenerator } from './load/load.js';
import { versionOf } from './server/server.js';
import { undoing } from './undoing.js';

const seconds = 6;
const rounds = 5;
const busyConnections = 32;

/** @param {string} text */
const say = (text) => process.stderr.write(`${text}\n`);

await undoing(async (cleanups) => {
  const { node, scratch, database, samples, server } = await startGateway(cleanups);
  const { origin } = server;
  const quiet = await deskgraph.connect({ databaseUrl: database.url, workspaceId: otherWorkspaceId, scratch, samples }, origin);
  const loads = loadsOf(await createApiKey(database.url, workspaceId), samples);

  // Two processes, so that neither waits for the other.
  const [asking, pressing] = [startLoadGenerator(), startLoadGenerator()];
  cleanups.push(asking.stop, pressing.stop);
  /** @param {number} length */
  const ask = (length) => asking.run({ origin, sequences: [[quiet.requests.inbox({})]], connections: 1, seconds: length });

  /** @type {import('./fairness/report.js').Result[]} */
  const results = loads.map(({ title }) => ({ title, rounds: [] }));
  say('Warming …');
  for (const { requests } of loads) {
    if (requests.length > 0) await pressing.run({ origin, sequences: [requests], connections: busyConnections, seconds: 2 });
  }
  await ask(3);
  for (let round = 1; round <= rounds; round += 1) {
    say(`Round ${round} of ${rounds} …`);
    for (const [place, { requests }] of loads.entries()) {
      // The load begins before the measurement and ends behind it.
      const pressed =
        requests.length > 0 && pressing.run({ origin, sequences: [requests], connections: busyConnections, seconds: seconds + 2 });
      if (pressed) await new Promise((resolve) => setTimeout(resolve, 1_000));
      const { p50, p99, failures, requests: answered } = await ask(seconds);
      if (failures > 0) throw new Error(`The other workspace failed ${failures} of ${answered} requests`);
      const load = await pressed;
      results[place]?.rounds.push({ p50, p99, pressed: load ? load.requests / load.seconds : 0 });
      await asking.settle();
    }
  }
  process.stdout.write(`Node.js ${await versionOf(node)}; ${busyConnections} connections press, ${rounds} rounds of ${seconds} s; medians.\n\n`);
  process.stdout.write(`${report(results)}\n`);
});
