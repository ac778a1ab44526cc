import { defineConfig } from 'vitest/config';

/** What needs a real PostgreSQL (TEST_DATABASE_URL) and a Redis (TEST_REDIS_URL), and takes its time. */
export default defineConfig({
  resolve: { alias: [{ find: /^graphql$/, replacement: 'graphql/index.js' }] },
  test: {
    include: ['test/processes/**/*.processes.ts'],
    globalSetup: ['test/kit/build.ts', 'test/kit/global-setup.ts'],
    testTimeout: 300_000,
    hookTimeout: 300_000,
    expect: { poll: { timeout: 120_000 } },
    fileParallelism: false,
  },
});
