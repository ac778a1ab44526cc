import { readFileSync } from 'node:fs';
import * as graphiql from '@graphql-yoga/render-graphiql/graphiql';
import { defineConfig } from 'rolldown';

/** The pages that the gateway serves: what runs in the browser, in one file each, and what is served as it is. */
export default defineConfig({
  input: { analytics: 'src/pages/analytics/main.tsx', reference: 'src/pages/reference/main.ts' },
  platform: 'browser',
  tsconfig: 'src/pages/tsconfig.json',
  resolve: { extensionAlias: { '.js': ['.ts', '.tsx', '.js'] } },
  output: { dir: 'dist/pages', entryFileNames: '[name].js', minify: true },
  plugins: [
    copy({
      'analytics.html': 'src/pages/assets/analytics.html',
      'reference.html': 'src/pages/assets/reference.html',
      'base.css': 'src/pages/assets/base.css',
      'analytics.css': 'src/pages/assets/analytics.css',
      'start.css': 'src/pages/assets/start.css',
      'reference.css': 'src/pages/assets/reference.css',
      // Scalar's API reference with all that it needs; of the package nothing else is used.
      'scalar.js': 'node_modules/@scalar/fastify-api-reference/dist/js/standalone.js',
    }),
    write({
      'graphiql.css': graphiql.css,
      'graphiql.js': graphiql.js,
      'graphiql-editor.js': graphiql.editorWorkerService,
      'graphiql-json.js': graphiql.jsonWorker,
      'graphiql-graphql.js': graphiql.graphqlWorker,
    }),
  ],
});

/** @param {Record<string, string>} files The names of files in the output, and where they are. */
function copy(files) {
  return write(Object.fromEntries(Object.entries(files).map(([name, source]) => [name, readFileSync(source)])));
}

/** @param {Record<string, string | Uint8Array>} files The names of files in the output, and what is in them. */
function write(files) {
  return {
    name: 'write',
    buildStart() {
      for (const [fileName, source] of Object.entries(files)) this.emitFile({ type: 'asset', fileName, source });
    },
  };
}
