import { defineConfig } from 'vitest/config';
import { testFiles } from './test/kit/test-files.js';

const { unit, embedded } = testFiles();
const build = 'test/kit/build.ts';

export default defineConfig({
  // The libraries load graphql as Node does; a bundler's choice of its other build would make a second instance.
  resolve: { alias: [{ find: /^graphql$/, replacement: 'graphql/index.js' }] },
  test: {
    projects: [
      { extends: true, test: { name: 'unit', include: unit } },
      { extends: true, test: { name: 'embedded', include: embedded, globalSetup: build } },
      {
        extends: true,
        test: {
          name: 'database',
          include: ['test/**/*.test.ts'],
          exclude: [...unit, ...embedded],
          globalSetup: [build, 'test/kit/global-setup.ts'],
        },
      },
    ],
    // No test replaces a module or keeps state in one, so the files share what was loaded: it saves a second each.
    isolate: false,
    // Much of the time is spent waiting for the database, so no core is kept free.
    maxWorkers: '100%',
    // For what never comes: what is only slow, as all is on a machine with other things to do, is no failure.
    testTimeout: 300_000,
    hookTimeout: 300_000,
    expect: { poll: { timeout: 120_000 } },
  },
});
