/**
 * A gateway that dies, as by kill -9, the moment its database has confirmed a change: the change is there, and nobody
 * was answered. Takes { connection, request } from its parent.
 */
import { createApp } from '../../../dist/src/app.js';
import { openDatabase } from '../../../dist/src/db/database.js';
import { createLog } from '../../../dist/src/lib/process/log.js';

process.once('message', async ({ connection, request }) => {
  const database = openDatabase(connection, { connections: 2 });
  const dying = {
    ...database,
    async transaction(work) {
      await database.transaction(work);
      process.kill(process.pid, 'SIGKILL');
      return new Promise(() => undefined);
    },
  };
  const app = await createApp({ database: dying, log: createLog('silent') });
  await app.graphql.fetch('http://deskgraph.test/graphql', request);
  process.exit(1);
});
