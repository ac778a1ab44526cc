/** A process that takes a job, tells its parent so, and never gets it done. Arguments: connection, kind. */
import { jobKind } from '../../../dist/src/db/queue/jobs.js';
import { startQueue, workers } from '../../../dist/src/db/queue/queue.js';
import { createLog } from '../../../dist/src/lib/process/log.js';

const [connection, kind] = process.argv.slice(2);
const run = (payload) => {
  process.send(payload);
  return new Promise(() => undefined);
};
startQueue({
  connection: JSON.parse(connection),
  log: createLog('silent'),
  workers: [workers(jobKind(kind), 1, run)],
  pollMs: 50,
});
