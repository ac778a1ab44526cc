import { expect, test } from 'vitest';
import { openDatabase, sql } from '../../src/db/database.js';
import { faults } from '../../src/db/faults/fault-table.js';
import { faultOf } from '../../src/db/faults/faults.js';
import { migrate } from '../../src/db/migrations/migrations.js';
import { testConnection } from '../kit/connection.js';
import { openProxy } from '../kit/proxy.js';

/** Sessions that cannot be made what statements need: they are not used, rather than read wrong. */

test('a database that keeps its own form of times is refused in one line, at the start and later', async () => {
  const [iso, other] = [Buffer.from('ISO, YMD'), Buffer.from('SQL, DMY')];
  const proxy = await openProxy(testConnection(), (chunk) => {
    const at = chunk.indexOf(iso);
    return at < 0 ? chunk : Buffer.concat([chunk.subarray(0, at), other, chunk.subarray(at + iso.length)]);
  });
  const fault = 'The database keeps the setting DateStyle of a session at SQL, DMY, but ISO, YMD is needed';
  const message = `${fault}; set it for the role or the database.`;
  await expect(migrate(proxy.connection)).rejects.toMatchObject({ name: 'SessionError', message });
  const db = openDatabase(proxy.connection, { connections: 1 });
  await expect(db.read(sql`SELECT 1`)).rejects.toSatisfy(isOfSession);
  await expect(db.transaction((tx) => tx.customer.count())).rejects.toSatisfy(isOfSession);
  await db.close();
  await proxy.close();
});

test.each(['SQL, DMY', 'Postgres, MDY', 'German'])(
  'no time is read where a pooler forgets how the session was set, and it writes %s',
  async (style) => {
    const db = openDatabase(testConnection(), { connections: 1 });
    const time = new Date('2024-02-01T10:00:00Z');
    const statement = sql`SELECT ${time}::timestamptz`;
    const forget = () => db.pool.query(`set datestyle = '${style}'`);
    try {
      await forget();
      await expect(db.read(statement)).rejects.toThrow(/^The database writes times as ".+" and not in ISO form; set /);
      await forget();
      await expect(db.prisma.$queryRaw(statement)).rejects.toSatisfy(isOfSession);
      await forget();
      await expect(db.transaction((tx) => tx.$queryRaw(statement))).rejects.toSatisfy(isOfSession);
    } finally {
      await db.pool.query(`set datestyle = 'ISO, YMD'`);
      await db.close();
    }
  },
);

const isOfSession = (error: unknown): boolean => faultOf(error) === faults.session;
