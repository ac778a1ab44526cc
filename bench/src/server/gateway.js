import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { deskgraph } from '../../rivals/deskgraph.js';
import { chooseSamples, fillDatabase } from '../database/dataset.js';
import { createDatabase, openServer } from '../database/postgres.js';
import { findNode, startServer } from './server.js';

/** Starts one gateway over the data set, for the benches that compare it with itself. @param {import('../undoing.js').Cleanups} cleanups */
export async function startGateway(cleanups) {
  const node = findNode('bundled');
  const scratch = await mkdtemp(join(tmpdir(), 'deskgraph-bench-'));
  cleanups.push(() => rm(scratch, { recursive: true, force: true }));

  process.stderr.write('Making the data set …\n');
  const postgres = await openServer(process.env.DATABASE_ADMIN_URL);
  cleanups.push(postgres.stop);
  const database = await createDatabase(postgres);
  cleanups.push(database.drop);
  await fillDatabase(database.client, { deep: false, scale: 1 });
  const samples = await chooseSamples(database.client, { deep: false });

  const server = await startServer(await deskgraph.launch({ scratch, databaseUrl: database.url }), { node, databaseUrl: database.url });
  cleanups.push(server.stop);
  return { node, scratch, database, samples, server };
}
