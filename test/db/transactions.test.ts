import { afterAll, beforeAll, expect, test } from 'vitest';
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
  const add = (first: number, second: number) =>
    db.transaction(async (tx) => {
      for (const id of [first, second]) {
        await tx.$executeRaw(sql`UPDATE "DeadlockTest" SET "value" = "value" + 1 WHERE "id" = ${id}`);
        // Long enough for the other one to have its first row.
        await new Promise((resolve) => setTimeout(resolve, 200));
      }
    });
  await Promise.all([add(1, 2), add(2, 1)]);
  expect(await db.read(sql`SELECT "id", "value" FROM "DeadlockTest" ORDER BY "id"`)).toEqual([
    [1, 2],
    [2, 2],
  ]);
});
