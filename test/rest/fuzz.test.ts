import { afterAll, beforeAll, expect, test } from 'vitest';
import { startTestServer, type TestServer } from '../kit/http.js';
import { fuzz, hardlyTried } from '../kit/rest-fuzz.js';

/** Whatever is sent to an endpoint, it answers as its description says. The endurance tests send much more. */

let server: TestServer;

beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server.close());

const requestsEach = 40;
const seed = 20_261_121;

test(`${requestsEach} random requests for each operation are answered as described`, async () => {
  const findings = await fuzz(server, seed, requestsEach);
  expect(findings.failures.slice(0, 20).join('\n\n')).toBe('');
  expect(hardlyTried(findings)).toEqual([]);
});
