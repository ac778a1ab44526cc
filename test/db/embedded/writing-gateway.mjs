/** A gateway that writes row after row into "acknowledged" and tells its parent of each one the database confirmed. */
import pg from 'pg';
import { openDatabaseServer } from '../../../dist/src/db/server.js';

const { connection } = await openDatabaseServer({ dataDir: process.argv[2] }, 'gateway');
const client = new pg.Client(connection);
await client.connect();
for (let n = 1; ; n += 1) {
  await client.query('insert into acknowledged values ($1, $2)', [n, 'x'.repeat(5000)]);
  process.send(n);
}
