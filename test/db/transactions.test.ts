import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { type Database, openDatabase, sql } from '../../src/db/database.js';
import { testConnection } from '../kit/connection.js';

let db: Database;

beforeAll(async () => {
  db = openDatabase(testConnection());
  await db.prisma.$executeRaw(sql`CREATE TABLE "DeadlockTest" ("id" int PRIMARY KEY, "value" int NOT NULL)`);
  await db.prisma.$executeRaw(sql`INSERT INTO "DeadlockTest" VALUES (1, 0), (2, 0)`);
});

afterAll(async () => {
  await db.prisma.$executeRaw(sql`DROP TABLE "DeadlockTest"`);
  await db.close();
});

test('two transactions that wait for each other both end well, also with statements of our own', async () => {
  // The embedded database runs one after the other, so there nobody can be waited for.
  let missing = inject('embedded') ? 0 : 2;
  let meet = (): void => undefined;
  const both = new Promise<void>((resolve) => {
    meet = resolve;
  });
  let attempts = 0;
  const add = (first: number, second: number) =>
    db.transaction(async (tx) => {
      attempts += 1;
      const increment = (id: number) =>
        tx.$executeRaw(sql`UPDATE "DeadlockTest" SET "value" = "value" + 1 WHERE "id" = ${id}`);
      await increment(first);
      if (missing > 0) {
        missing -= 1;
        if (missing === 0) meet();
        await both;
      }
      await increment(second);
    });
  await Promise.all([add(1, 2), add(2, 1)]);
  expect(attempts).toBe(inject('embedded') ? 2 : 3);
  expect(await db.read(sql`SELECT "id", "value" FROM "DeadlockTest" ORDER BY "id"`)).toEqual([
    [1, 2],
    [2, 2],
  ]);
});
