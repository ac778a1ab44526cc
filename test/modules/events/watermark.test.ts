import pg from 'pg';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type Database, openDatabase, type RowValues } from '../../../src/db/database.js';
import { newId } from '../../../src/db/ids.js';
import { outboxWatermark } from '../../../src/modules/events/outbox.watermark.js';
import { workspaceService } from '../../../src/modules/workspace/workspace.service.js';
import { testConnection } from '../../kit/connection.js';

/** What the database tells: the place taken last, then who writes to the outbox. */
interface Look {
  taken: bigint;
  writers: string[];
}

/** The watermark over a database that answers one look after the other. */
function horizonOver(...looks: Look[]) {
  const answers = looks.flatMap(({ taken, writers }): RowValues[][] => [[[taken]], writers.map((id) => [id])]);
  const read: Database['read'] = async () => {
    const rows = answers.shift();
    if (!rows) throw new Error('No look was expected any more.');
    return rows;
  };
  return { watermark: outboxWatermark({ read } as Database), unread: () => answers.length / 2 };
}

describe('the watermark of the outbox', () => {
  test('is the place taken last while nobody writes', async () => {
    const { watermark } = horizonOver({ taken: 7n, writers: [] }, { taken: 9n, writers: [] });
    expect(await watermark.advance()).toBe(7n);
    expect(await watermark.advance()).toBe(9n);
    expect(watermark.isBehind()).toBe(false);
  });

  test('stays before places that a running transaction may hold, until it has ended', async () => {
    const { watermark } = horizonOver(
      { taken: 7n, writers: [] },
      // 3/1 runs and has taken 8; another has taken 9 and has ended.
      { taken: 9n, writers: ['3/1'] },
      { taken: 9n, writers: ['3/1', '4/1'] },
      { taken: 9n, writers: ['4/1'] },
    );
    await watermark.advance();
    expect(await watermark.advance()).toBe(7n);
    expect([watermark.taken(), watermark.isBehind()]).toEqual([9n, true]);
    expect(await watermark.advance()).toBe(7n);
    expect(await watermark.advance()).toBe(9n);
    expect(watermark.isBehind()).toBe(false);
  });

  test('moves on while there is always some transaction under way', async () => {
    const { watermark } = horizonOver(
      { taken: 7n, writers: [] },
      { taken: 8n, writers: ['3/1'] },
      // 3/1 has ended, and 4/1, which began after it, holds the place after.
      { taken: 9n, writers: ['4/1'] },
      { taken: 10n, writers: ['3/2'] },
    );
    await watermark.advance();
    const reached = [await watermark.advance(), await watermark.advance(), await watermark.advance()];
    expect(reached).toEqual([7n, 8n, 9n]);
  });

  test('is known only once all have ended who wrote at the first look', async () => {
    const { watermark, unread } = horizonOver(
      { taken: 7n, writers: ['3/1', '4/1'] },
      { taken: 8n, writers: ['4/1', '5/1'] },
      { taken: 8n, writers: ['5/1'] },
    );
    expect(await watermark.advance()).toBe(7n);
    expect(unread()).toBe(0);
  });

  test('is looked for once by all who ask while one looks', async () => {
    const { watermark, unread } = horizonOver({ taken: 7n, writers: [] }, { taken: 8n, writers: [] });
    const first = watermark.advance();
    await Promise.resolve();
    const others = [watermark.advance(), watermark.advance(), watermark.advance()];
    expect(await first).toBe(7n);
    expect(await Promise.all(others)).toEqual([8n, 8n, 8n]);
    expect(unread()).toBe(0);
  });

  test('is asked for again after a look that failed', async () => {
    const { watermark } = horizonOver();
    await expect(watermark.advance()).rejects.toThrow('No look was expected');
    await expect(watermark.advance()).rejects.toThrow('No look was expected');
  });
});

// The embedded database has one backend: while a transaction is under way, nobody else is heard.
const { connectionString } = testConnection();
if (connectionString) {
  describe('the watermark over transactions of a server', () => {
    let database: Database;
    let workspaceId: string;
    const clients: pg.Client[] = [];
    beforeEach(async () => {
      database = openDatabase({ connectionString }, { connections: 2 });
      ({ id: workspaceId } = await workspaceService(database).create({}));
    });
    afterEach(async () => {
      for (const client of clients.splice(0)) await client.end();
      await database.close();
    });

    async function begin(url = connectionString): Promise<pg.Client> {
      const client = new pg.Client(url);
      clients.push(client);
      await client.connect();
      await client.query('BEGIN; SELECT pg_current_xact_id()');
      return client;
    }

    async function writeEvent(client: pg.Client): Promise<bigint> {
      const { rows } = await client.query<{ seq: string }>(
        `INSERT INTO "DomainEvent" ("workspaceId", "id", "type", "entityId", "data")
         VALUES ($1, $2, 'customer.updated', 'ctc_1', '{}') RETURNING "seq"`,
        [workspaceId, newId('DomainEvent')],
      );
      return BigInt(rows[0]?.seq ?? 0);
    }

    test('passes over no place, whichever transaction ends first', async () => {
      const watermark = outboxWatermark(database);
      await watermark.advance();
      const [first, second] = [await begin(), await begin()];
      const earlier = await writeEvent(second);
      const later = await writeEvent(first);
      await first.query('COMMIT');
      expect(await watermark.advance()).toBeLessThan(earlier);
      expect(watermark.isBehind()).toBe(true);
      await second.query('ROLLBACK');
      // The tests of other files may write as well.
      await expect.poll(() => watermark.advance()).toBeGreaterThanOrEqual(later);
    });

    test('waits for nobody who writes elsewhere', async () => {
      const watermark = outboxWatermark(database);
      const elsewhere = new URL(connectionString);
      elsewhere.pathname = '/postgres';
      const reader = await begin();
      await reader.query('SELECT count(*) FROM "DomainEvent"');
      await begin(elsewhere.href);
      const writer = await begin();
      const seq = await writeEvent(writer);
      await writer.query('COMMIT');
      await expect.poll(() => watermark.advance()).toBeGreaterThanOrEqual(seq);
    });
  });
}
