import { defineConfig } from 'vitest/config';

/**
 * What runs as operators and front ends have it: against Debian's servers, in a container, from packages, and the examples.
 * Takes the compiled code.
 */
export default defineConfig({
  // The libraries load graphql as Node does; a bundler's choice of its other build would make a second instance.
  resolve: { alias: [{ find: /^graphql$/, replacement: 'graphql/index.js' }] },
  test: {
    include: ['test/**/*.environments.ts'],
    testTimeout: 300_000,
    hookTimeout: 300_000,
    expect: { poll: { timeout: 120_000 } },
    fileParallelism: false,
  },
});
