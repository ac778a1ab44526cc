import { defineConfig } from 'vitest/config';

/** What runs against servers as operators have them: Debian's PostgreSQL and PgBouncer, started here. Takes the compiled code. */
export default defineConfig({
  test: {
    include: ['test/environments/**/*.environments.ts'],
    testTimeout: 300_000,
    hookTimeout: 300_000,
    expect: { poll: { timeout: 120_000 } },
    fileParallelism: false,
  },
});
