// Measures how changes are told: how soon one reaches many subscribers, what each of them takes, and whether the
// outbox makes writers of one workspace wait for each other.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { deskgraph } from '../rivals/deskgraph.js';
import { createWorkspace } from './events/desk.js';
import { measureFanOut } from './events/fan-out.js';
import { readEventOptions } from './events/options.js';
import { reportFanOut, reportWrites } from './events/report.js';
import { measureWrites } from './events/writes.js';
import { migrate } from './database/dataset.js';
import { startLoadGenerator } from './load/load.js';
import { createDatabase, openServer } from './database/postgres.js';
import { profileArgs, profileReport, profileWhile } from './profile/profile.js';
import { findNode, startServer, versionOf } from './server/server.js';
import { undoing } from './undoing.js';

/** @param {string} text */
const say = (text) => process.stderr.write(`${text}\n`);

await undoing(async (cleanups) => {
  const options = readEventOptions(process.argv.slice(2), process.env);
  if (!options) return;
  const node = findNode(options.node);
  const scratch = await mkdtemp(join(tmpdir(), 'deskgraph-bench-'));
  cleanups.push(() => rm(scratch, { recursive: true, force: true }));

  say('Starting the database …');
  const postgres = await openServer(options.adminUrl);
  cleanups.push(postgres.stop);
  const database = await createDatabase(postgres);
  cleanups.push(database.drop);
  await migrate(database.client);

  say('Starting Deskgraph …');
  const profile = join(scratch, 'profile.json');
  const launch = await deskgraph.launch({ scratch, databaseUrl: database.url });
  // All subscribers are one key's, at one address.
  const caps = ['RATE_CAPACITY', 'RATE_RESTORE', 'MAX_CONNECTIONS_PER_ADDRESS', 'MAX_SOCKETS_PER_ADDRESS'];
  caps.push('MAX_SOCKETS_PER_KEY', 'MAX_SUBSCRIPTIONS_PER_KEY', 'MAX_UNSENT_BYTES_PER_KEY');
  const unlimited = Object.fromEntries(caps.map((name) => [name, '999999999']));
  launch.env = { ...launch.env, ...unlimited, BENCH_PROFILE: profile };
  const nodeArgs = options.profile ? profileArgs : [];
  const server = await startServer(launch, { node, databaseUrl: database.url, nodeArgs });
  cleanups.push(server.stop);
  /** @param {string} id */
  const newWorkspace = (id) => createWorkspace(database, server.origin, id);

  say(`Telling ${options.events} changes to ${options.sse} subscribers over SSE and ${options.webSockets} over WebSocket …`);
  const telling = () => measureFanOut(server, newWorkspace, options);
  if (options.profile) {
    const profiled = await profileWhile(server.pid, profile, telling);
    process.stdout.write(`${profileReport(profiled)}\n`);
    return;
  }
  const postgresVersion = (await database.client.query('SHOW server_version')).rows[0].server_version;
  process.stdout.write(`Node.js ${await versionOf(node)}, PostgreSQL ${postgresVersion}; one process of the gateway.\n\n`);
  process.stdout.write(`${reportFanOut(await telling(), options)}\n\n`);

  say(`Writing for ${options.rounds} rounds …`);
  const load = startLoadGenerator();
  cleanups.push(load.stop);
  process.stdout.write(`${reportWrites(await measureWrites(load, server, newWorkspace, options), options)}\n`);
});
