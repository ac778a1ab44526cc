import { defineConfig } from 'vitest/config';

/** What takes a minute or more runs apart from the other tests, of which somebody waits for the end. */
export default defineConfig({
  resolve: { alias: [{ find: /^graphql$/, replacement: 'graphql/index.js' }] },
  test: {
    include: ['test/endurance/**/*.endurance.ts'],
    testTimeout: 180_000,
    hookTimeout: 240_000,
  },
});
