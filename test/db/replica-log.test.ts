import { pino } from 'pino';
import { expect, test } from 'vitest';
import { openDatabase } from '../../src/db/database.js';
import { openReplica } from '../../src/db/replicas/replica.js';

test('the log tells that a replica is not used when that is first acted on, once, and does not wait for a look', async () => {
  // Nobody listens there.
  const connection = { host: '127.0.0.1', port: 1 };
  const database = openDatabase(connection, { connections: 1 });
  const lines: string[] = [];
  const log = pino({}, { write: (line) => void lines.push(line) });
  const unasked = () => Promise.reject(new Error('Nobody asks the primary.'));
  const primary = { position: unasked, system: () => undefined, timeOf: () => undefined, close: async () => undefined };
  const replica = openReplica(connection, { name: 'near:5432', connections: 1, primary, database, log });
  try {
    expect([replica.isUsable(), replica.isUsable()]).toEqual([false, false]);
    expect(lines.map((line) => JSON.parse(line))).toEqual([
      expect.objectContaining({ replica: 'near:5432', msg: 'A replica of the database is not used.' }),
    ]);
  } finally {
    await replica.close();
    await database.close();
  }
});
