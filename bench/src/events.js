// Measures how changes are told: how soon one reaches many subscribers, what each of them takes, and whether the
// outbox makes writers of one workspace wait for each other.
import { join } from 'node:path';
import { deskgraph } from '../rivals/deskgraph.js';
import { createWorkspace } from './events/desk.js';
import { measureFanOut } from './events/fan-out.js';
import { readEventOptions } from './events/options.js';
import { reportFanOut, reportWrites } from './events/report.js';
import { measureWrites } from './events/writes.js';
import { migrate } from './database/dataset.js';
import { startLoadGenerator } from './load/load.js';
import { profileArgs, profileReport, profileWhile } from './profile/profile.js';
import { startServer, versionOf } from './server/server.js';
import { openGround, say } from './server/stage.js';
import { undoing } from './undoing.js';

await undoing(async (cleanups) => {
  const options = readEventOptions(process.argv.slice(2), process.env);
  if (!options) return;
  const { node, scratch, database } = await openGround(options, cleanups);
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
