/**
 * A gateway that knows for how long it did nothing else. Takes its database from its parent and tells where it listens;
 * told to begin, it forgets the stretches until then; given a number of milliseconds, it tells the longest stretch since, in
 * milliseconds of a processor that it has to itself. One below that number is told as it was measured.
 */
import { existsSync, openSync, readSync } from 'node:fs';
import { createServer } from 'node:http';
import { createApp } from '../../dist/src/app.js';
import { openDatabase } from '../../dist/src/db/database.js';
import { createLog } from '../../dist/src/lib/process/log.js';

const statistics = '/proc/self/schedstat';
const file = existsSync(statistics) ? openSync(statistics) : undefined;
const bytes = Buffer.alloc(64);

/** The CPU time of this thread; of the whole process where the system does not tell of threads. */
function cpuMs() {
  if (file === undefined) {
    const { user, system } = process.cpuUsage();
    return (user + system) / 1_000;
  }
  const length = readSync(file, bytes, 0, bytes.length, 0);
  return Number.parseInt(bytes.latin1Slice(0, length), 10) / 1_000_000;
}

const reference = JSON.stringify(Array.from({ length: 20_000 }, (_, number) => ({ number, text: `text ${number}` })));
let fastest = Number.POSITIVE_INFINITY;

function referenceMs() {
  const before = cpuMs();
  JSON.parse(reference);
  return cpuMs() - before;
}

/**
 * How many times as long the same work takes now as when it took least: others who use the core slow it down. The least of three,
 * so that a collection of garbage excuses nothing.
 */
function slowness() {
  const took = Math.min(referenceMs(), referenceMs(), referenceMs());
  fastest = Math.min(fastest, took);
  return took / fastest;
}
for (let time = 0; time < 20; time += 1) slowness();

let last = cpuMs();
let longest = 0;
setInterval(() => {
  const now = cpuMs();
  longest = Math.max(longest, now - last);
  last = now;
}, 5);

process.once('message', async (connection) => {
  const database = openDatabase(connection, { connections: 3, patienceMs: 120_000 });
  const app = await createApp({ database, log: createLog('silent') });
  const server = createServer(app.listener).on('upgrade', app.upgrade);
  server.listen(0, '127.0.0.1', () => process.send(`http://127.0.0.1:${server.address().port}`));
  process.on('message', (asked) => {
    if (asked === 'begin') {
      fastest = Math.min(fastest, referenceMs());
      last = cpuMs();
      longest = 0;
      process.send('begun');
    } else {
      process.send(longest < asked ? longest : longest / slowness());
    }
  });
});
process.once('disconnect', () => process.exit());
