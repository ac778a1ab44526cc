import { defineConfig } from 'vitest/config';

/** What needs a browser runs apart from the other tests, which need nothing but Node. */
export default defineConfig({
  test: {
    include: ['test/browser/**/*.browser.ts'],
    globalSetup: 'test/browser/global-setup.ts',
    // A browser and a gateway at a time are enough for a small machine.
    fileParallelism: false,
    testTimeout: 300_000,
    hookTimeout: 300_000,
  },
});
