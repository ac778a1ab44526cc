import pg from 'pg';
import { describe, expect, inject, test } from 'vitest';
import { type Database, openDatabase, type RowValues } from '../../src/db/database.js';
import { outboxHorizon } from '../../src/modules/events/outbox.horizon.js';

/** What the database tells: the place taken last, then which transactions run. */
interface Look {
  taken: bigint;
  /** The oldest transaction that runs, and the id that the look gets when it takes one. */
  running: [oldest: bigint, next: bigint];
}

/** The horizon over a database that answers one look after the other. */
function horizonOver(...looks: Look[]) {
  const answers = looks.flatMap(({ taken, running: [oldest, next] }): RowValues[] => [[taken, next], [oldest]]);
  const read: Database['read'] = async ({ values: [known] }) => {
    const [seq, ...rest] = answers.shift() ?? [];
    if (seq === undefined) throw new Error('No look was expected any more.');
    const isKnown = known !== undefined && BigInt(known as string) >= (seq as bigint);
    return [[seq, ...(isKnown ? [null] : rest)]];
  };
  return { horizon: outboxHorizon({ read } as Database), unread: () => answers.length / 2 };
}

describe('the horizon of the outbox', () => {
  test('is the place taken last while no transaction runs', async () => {
    const { horizon } = horizonOver({ taken: 7n, running: [100n, 100n] }, { taken: 9n, running: [104n, 104n] });
    expect(await horizon.advance()).toBe(7n);
    expect(await horizon.advance()).toBe(9n);
    expect(horizon.isBehind()).toBe(false);
  });

  test('stays before places that a running transaction may hold, until it has ended', async () => {
    const { horizon } = horizonOver(
      { taken: 7n, running: [100n, 100n] },
      // 100 runs and has taken 8; 101 has taken 9 and has ended.
      { taken: 9n, running: [100n, 102n] },
      { taken: 9n, running: [100n, 102n] },
      { taken: 9n, running: [102n, 102n] },
    );
    await horizon.advance();
    expect(await horizon.advance()).toBe(7n);
    expect([horizon.taken(), horizon.isBehind()]).toEqual([9n, true]);
    expect(await horizon.advance()).toBe(7n);
    expect(await horizon.advance()).toBe(9n);
    expect(horizon.isBehind()).toBe(false);
  });

  test('moves on while there is always some transaction under way', async () => {
    const { horizon } = horizonOver(
      { taken: 7n, running: [100n, 100n] },
      { taken: 8n, running: [100n, 101n] },
      // 100 has ended, and 101, which began after it, holds the place after.
      { taken: 9n, running: [101n, 102n] },
      { taken: 10n, running: [102n, 103n] },
    );
    await horizon.advance();
    const reached = [await horizon.advance(), await horizon.advance(), await horizon.advance()];
    expect(reached).toEqual([7n, 8n, 9n]);
  });

  test('is known only once what ran at the first look has ended', async () => {
    const { horizon, unread } = horizonOver(
      { taken: 7n, running: [90n, 100n] },
      { taken: 8n, running: [95n, 101n] },
      { taken: 8n, running: [100n, 101n] },
    );
    expect(await horizon.advance()).toBe(7n);
    expect(unread()).toBe(0);
  });

  test('is looked for once by all who ask while one looks', async () => {
    const { horizon, unread } = horizonOver({ taken: 7n, running: [100n, 100n] }, { taken: 8n, running: [101n, 101n] });
    const first = horizon.advance();
    await Promise.resolve();
    const others = [horizon.advance(), horizon.advance(), horizon.advance()];
    expect(await first).toBe(7n);
    expect(await Promise.all(others)).toEqual([8n, 8n, 8n]);
    expect(unread()).toBe(0);
  });

  test('is asked for again after a look that failed', async () => {
    const { horizon } = horizonOver();
    await expect(horizon.advance()).rejects.toThrow('No look was expected');
    await expect(horizon.advance()).rejects.toThrow('No look was expected');
  });
});

// The embedded database has one backend: while a transaction is under way, nobody else is heard.
if (inject('connection').connectionString) {
  test('a place is not passed over whose transaction began right after the last one that has ended', async () => {
    const connection = inject('connection');
    const database = openDatabase(connection, { connections: 2 });
    const [first, second] = [new pg.Client(connection), new pg.Client(connection)];
    const placeOf = async (client: pg.Client): Promise<bigint> =>
      BigInt((await client.query<{ seq: string }>('SELECT next_event_seq() AS seq')).rows[0]?.seq ?? 0);
    try {
      const horizon = outboxHorizon(database);
      await horizon.advance();
      for (const client of [first, second]) {
        await client.connect();
        await client.query('BEGIN; SELECT pg_current_xact_id()');
      }
      const earlier = await placeOf(second);
      const later = await placeOf(first);
      await first.query('COMMIT');
      expect(await horizon.advance()).toBeLessThan(earlier);
      expect(horizon.isBehind()).toBe(true);
      await second.query('COMMIT');
      // Other tests may have transactions under way in the same cluster.
      await expect.poll(() => horizon.advance(), { timeout: 20_000 }).toBeGreaterThanOrEqual(later);
    } finally {
      await Promise.all([first.end(), second.end(), database.close()]);
    }
  });
}
