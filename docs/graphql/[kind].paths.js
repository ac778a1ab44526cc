import { readFileSync } from 'node:fs';
import { referencePages } from '../.vitepress/graphql-reference.js';

/** One page for each kind of thing in the schema. */
export default {
  watch: ['../../schema.graphql'],
  paths: () =>
    referencePages(readFileSync('schema.graphql', 'utf8')).map(({ kind, content }) => ({ params: { kind }, content })),
};
