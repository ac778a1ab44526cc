import { randomInt } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../kit/database.js';
import { startTestServer, type TestServer } from '../kit/http.js';
import { fuzz, hardlyTried } from '../kit/rest-fuzz.js';

/**
 * Thousands of requests to the endpoints of each dialect, others each time. FUZZ_SEED sends those of another run again,
 * and FUZZ_REQUESTS says how many there are for each operation.
 */

const seed = Number(process.env.FUZZ_SEED ?? randomInt(2 ** 31));
const requestsEach = Number(process.env.FUZZ_REQUESTS ?? 400);

let database: TestDatabase;
let server: TestServer;

beforeAll(async () => {
  database = await createTestDatabase();
  server = await startTestServer({ connection: database.connection });
});
afterAll(async () => {
  await server.close();
  await database.drop();
});

test(`${requestsEach} random requests for each operation are answered as described, with FUZZ_SEED=${seed}`, {
  timeout: 1_800_000,
}, async () => {
  const findings = await fuzz(server, seed, requestsEach);
  expect(findings.failures.slice(0, 20).join('\n\n'), `${findings.failures.length} failures`).toBe('');
  expect(hardlyTried(findings)).toEqual([]);
});
