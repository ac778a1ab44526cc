import { defineConfig } from 'vitest/config';

export default defineConfig({
  // The libraries load graphql as Node does; a bundler's choice of its other build would make a second instance.
  resolve: { alias: [{ find: /^graphql$/, replacement: 'graphql/index.js' }] },
  test: {
    include: ['test/**/*.test.ts'],
    globalSetup: 'test/kit/global-setup.ts',
    // No test replaces a module or keeps state in one, so the files share what was loaded: it saves a second each.
    isolate: false,
    // Much of the time is spent waiting for the database, so no core is kept free.
    maxWorkers: '100%',
    // Creating an embedded database takes seconds on a busy machine.
    testTimeout: 30_000,
    hookTimeout: 60_000,
    // What is waited for comes, only later when the machine has other things to do.
    expect: { poll: { timeout: 20_000 } },
  },
});
