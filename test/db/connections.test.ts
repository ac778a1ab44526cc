import pg from 'pg';
import { afterAll, expect, test } from 'vitest';
import { testConnection } from '../kit/connection.js';

/** What connections may rely on, also where they share the one backend of the embedded server. */
const connection = testConnection();
const pool = new pg.Pool({ ...connection, max: 8 });
// One that is destroyed in a test is no failure of the others.
pool.on('error', () => undefined);

afterAll(() => pool.end());

test('statements of connections do not mix, even when one is longer than a socket read', async () => {
  const long = async (i: number) => {
    const text = `${i}`.repeat(100_000);
    const { rows } = await pool.query('select length($1::text) as length, $2::int as i', [text, i]);
    expect(rows).toEqual([{ length: text.length, i }]);
  };
  const short = async (i: number) => {
    const { rows } = await pool.query('select $1::text as a, $2::int as b, $3::bool as c', [`a${i}`, i, true]);
    expect(rows).toEqual([{ a: `a${i}`, b: i, c: true }]);
  };
  const failing = (i: number) => expect(pool.query('select $1::int / 0', [i])).rejects.toThrow('division by zero');
  const kinds = [long, short, failing];
  await Promise.all(Array.from({ length: 300 }, (_, i) => kinds[i % kinds.length]?.(i)));
});

test('the same statement name means something else on each connection', async () => {
  const [first, second] = await Promise.all([pool.connect(), pool.connect()]);
  try {
    for (let time = 0; time < 2; time += 1) {
      expect((await first.query({ name: 'same', text: 'select 1 as one' })).rows).toEqual([{ one: 1 }]);
      expect((await second.query({ name: 'same', text: 'select $1::text as word', values: ['two'] })).rows).toEqual([
        { word: 'two' },
      ]);
    }
  } finally {
    first.release();
    second.release();
  }
});

test('an open transaction is not seen by others and ends with its connection', async () => {
  const name = 'connections_test_abandoned';
  await pool.query(`create table if not exists ${name} (n int)`);
  const client = new pg.Client(connection);
  client.on('error', () => undefined);
  await client.connect();
  await client.query('begin');
  await client.query(`insert into ${name} values (1)`);
  const counted = pool.query(`select count(*)::int as n from ${name}`);
  // Without a farewell, as when its process is killed.
  client.connection.stream.destroy();
  expect((await counted).rows).toEqual([{ n: 0 }]);
  expect((await pool.query(`select count(*)::int as n from ${name}`)).rows).toEqual([{ n: 0 }]);
  await pool.query(`drop table ${name}`);
});

test('prepared statements end with their connection', async () => {
  const client = new pg.Client(connection);
  await client.connect();
  await client.query({ name: 'short_lived', text: 'select 1 as short_lived_statement' });
  const count = `select count(*)::int as n from pg_prepared_statements where statement like '%short_lived_statement'`;
  expect((await client.query(count)).rows).toEqual([{ n: 1 }]);
  await client.end();
  await expect.poll(async () => (await pool.query(count)).rows).toEqual([{ n: 0 }]);
});
