import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { openDatabase } from '../../src/db/database.js';
import { keepHouse } from '../../src/db/housekeeping.js';
import { testConnection } from '../kit/connection.js';

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'setInterval', 'clearTimeout', 'clearInterval'] });
});
afterEach(() => {
  vi.useRealTimers();
});

test('the embedded database is vacuumed and analysed, again and again until the end', async () => {
  // Time flies here, and nothing shall give up waiting for its connection.
  const db = openDatabase({ ...testConnection(), connectionTimeoutMillis: 0 });
  const query = vi.spyOn(db.pool, 'query');
  const failed = vi.fn();
  const end = keepHouse(db, failed);
  expect(query).not.toHaveBeenCalled();
  vi.advanceTimersByTime(21 * 60_000);
  expect(query.mock.calls).toEqual([['VACUUM (ANALYZE)'], ['VACUUM (ANALYZE)'], ['VACUUM (ANALYZE)']]);
  end();
  vi.advanceTimersByTime(60 * 60_000);
  expect(query).toHaveBeenCalledTimes(3);
  vi.useRealTimers();
  await Promise.all(query.mock.results.map((result) => result.value));
  expect(failed).not.toHaveBeenCalled();
  await db.close();
});
