import pg from 'pg';
import { expect, test } from 'vitest';
import type { Database } from '../../src/db/database.js';
import { joiner } from '../../src/db/joining.js';

/** What work is joined, and what becomes of it when the database fails. */

// The work never reaches a database. It only stands for the one that its requests have in common.
const db = {} as Database;

/** Joins keys of one request each. Work that includes `bad` fails with this error. Returns the outcomes and the work. */
async function joined(keys: readonly string[], bad: string, { code = '', severity = 'ERROR' }) {
  const join = joiner<string, string>();
  const calls: (readonly string[])[] = [];
  const run = async (wanted: readonly string[]) => {
    calls.push(wanted);
    if (!wanted.includes(bad)) return wanted;
    throw Object.assign(new pg.DatabaseError('It failed.', 0, 'error'), { code, severity });
  };
  const outcomes = await Promise.allSettled(keys.map((key) => join(db, { what: 'test' }, run, [key])));
  return { outcomes: outcomes.map(({ status }) => status), calls };
}

test('keys that a server refuses in another language fail only who asked for them', async () => {
  const { outcomes } = await joined(['one', '\0'], '\0', { code: '22021', severity: 'FEHLER' });
  expect(outcomes).toEqual(['fulfilled', 'rejected']);
});

test('a statement that took too long or was cancelled is not followed by one for each key', async () => {
  const { outcomes, calls } = await joined(['one', 'two', 'three'], 'two', { code: '57014' });
  expect(calls).toEqual([['one', 'two', 'three']]);
  expect(outcomes).toEqual(['rejected', 'rejected', 'rejected']);
});

test('a statement has at most 100 keys, whatever its work would allow', async () => {
  const join = joiner<number, number>();
  const sizes: number[] = [];
  const run = async (keys: readonly number[]) => {
    sizes.push(keys.length);
    return keys;
  };
  const keys = Array.from({ length: 150 }, (_, key) => key);
  const found = await Promise.all(keys.map((key) => join(db, { what: 'test', most: 1_000 }, run, [key])));
  expect(found).toEqual(keys.map((key) => [key]));
  expect(sizes).toEqual([100, 50]);
});
