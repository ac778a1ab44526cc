import pg from 'pg';
import { expect, test } from 'vitest';
import { releaseOnce } from '../../../src/db/queue/clients.js';
import { testConnection } from '../../kit/connection.js';

test('a client that is released twice is lent to one at a time, and is released by the next one', async () => {
  const pool = new pg.Pool({ ...testConnection(), max: 1 });
  pool.on('connect', releaseOnce);
  const client = await pool.connect();
  const { release } = client;
  release();
  release();
  const lent = await pool.connect();
  // What was said of the time before says nothing of this one.
  release();
  expect(pool.idleCount).toBe(0);
  lent.release();
  expect(pool.idleCount).toBe(1);
  await pool.end();
});
