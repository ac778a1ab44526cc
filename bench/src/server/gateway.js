import { deskgraph } from '../../rivals/deskgraph.js';
import { chooseSamples, fillDatabase } from '../database/dataset.js';
import { startServer } from './server.js';
import { openGround, say } from './stage.js';

/** Starts one gateway over the data set, for the benches that compare it with itself. @param {import('../undoing.js').Cleanups} cleanups */
export async function startGateway(cleanups) {
  const { node, scratch, database } = await openGround({ node: 'bundled', adminUrl: process.env.DATABASE_ADMIN_URL }, cleanups);
  say('Making the data set …');
  await fillDatabase(database.client, { deep: false, scale: 1 });
  const samples = await chooseSamples(database.client, { deep: false });

  const server = await startServer(await deskgraph.launch({ scratch, databaseUrl: database.url }), { node, databaseUrl: database.url });
  cleanups.push(server.stop);
  return { node, scratch, database, samples, server };
}
