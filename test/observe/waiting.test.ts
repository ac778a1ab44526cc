import { expect, test } from 'vitest';
import { openDatabase, sql } from '../../src/db/database.js';
import { notesOf, withRequest } from '../../src/lib/observe/request.js';
import { testConnection } from '../kit/connection.js';

test('a request that waited for the connection of another has its own statements', async () => {
  const database = openDatabase(testConnection(), { connections: 1, patienceMs: 120_000 });
  try {
    const requests = Array.from({ length: 5 }, (_, place) => notesOf(`request-${place}`));
    await Promise.all(requests.map((notes) => withRequest(notes, () => database.read(sql`SELECT ${notes.id}::text`))));
    expect(requests.map(({ statements }) => statements)).toEqual([1, 1, 1, 1, 1]);
  } finally {
    await database.close();
  }
});
