/**
 * A gateway as main starts it, which also creates customers until there are enough. It tells its parent of each step that
 * is committed, so that it can be killed anywhere. Arguments: where the database is, workspace, how many customers.
 */
import { createApp } from '../../dist/src/app.js';
import { operatorOf } from '../../dist/src/auth/caller.js';
import { openDatabase } from '../../dist/src/db/database.js';
import { ensureMigrated } from '../../dist/src/db/migrations/migrations.js';
import { startQueue } from '../../dist/src/db/queue/queue.js';
import { openDatabaseServer } from '../../dist/src/db/server.js';
import { readAllowedTargets } from '../../dist/src/lib/http/targets.js';
import { createLog } from '../../dist/src/lib/process/log.js';
import { createServices } from '../../dist/src/services.js';

import { releaseTheDead } from '../../dist/src/upkeep.js';

const [where, workspaceId, wanted] = process.argv.slice(2);
const log = createLog('fatal');
const server = await openDatabaseServer(JSON.parse(where), 'gateway');
await ensureMigrated(server);
const database = openDatabase(server.connection);
const webhooks = { targets: readAllowedTargets('127.0.0.1'), delaysMs: Array(200).fill(200) };
const app = await createApp({ database, log, webhooks });
// Several gateways may have a real database; a silent one is given up sooner here than it is usual.
if (server.embedded) await releaseTheDead(database);
const options = { deadAfterMs: 2000 };
const queue = startQueue({ connection: server.connection, log, workers: app.workers, ...options });
database.onEnqueue(queue.wake);
app.dispatchWebhooks();
process.send('running');

const batch = 250;
const services = createServices(database);
const written = await database.prisma.customer.count({ where: { workspaceId } });
for (let first = written; first < Number(wanted); first += batch) {
  const customers = Array.from({ length: batch }, (_, n) => ({ externalId: `customer-${first + n}`, name: 'Anybody' }));
  await services.customers.upsertMany(operatorOf(workspaceId), { customers, errorPolicy: 'ALL_OR_NOTHING' });
}
// What a real database does by itself, and the housekeeping of the embedded one after a while.
await database.pool.query('ANALYZE');
