import { readFileSync } from 'node:fs';
import { defineConfig } from 'rolldown';

/** The pages that the gateway serves: what runs in the browser, in one file each, and what is served as it is. */
export default defineConfig({
  input: { analytics: 'src/pages/analytics/main.tsx', docs: 'src/pages/docs/main.ts' },
  platform: 'browser',
  tsconfig: 'src/pages/tsconfig.json',
  resolve: { extensionAlias: { '.js': ['.ts', '.tsx', '.js'] } },
  output: { dir: 'dist/pages', entryFileNames: '[name].js', minify: true },
  plugins: [copy('analytics.html', 'base.css', 'analytics.css', 'docs.css')],
});

/** @param {string[]} names Files of src/pages. */
function copy(...names) {
  return {
    name: 'copy',
    buildStart() {
      for (const fileName of names) {
        this.emitFile({ type: 'asset', fileName, source: readFileSync(`src/pages/assets/${fileName}`) });
      }
    },
  };
}
