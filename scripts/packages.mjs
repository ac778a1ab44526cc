/**
 * Fills packages/*, which are published on their own, with what the build of the gateway has made: the SDK as it was
 * compiled, and the schema in the forms that clients want. The types of the schema are there already, by codegen.ts.
 */
import { copyFileSync, cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { buildSchema, introspectionFromSchema, isAbstractType } from 'graphql';

const root = dirname(dirname(fileURLToPath(import.meta.url)));

cpSync(join(root, 'dist/src/sdk'), join(root, 'packages/sdk/dist'), { recursive: true });

const target = join(root, 'packages/schema/dist');
const schema = buildSchema(readFileSync(join(root, 'schema.graphql'), 'utf8'));
const possibleTypes = Object.fromEntries(
  Object.values(schema.getTypeMap())
    .filter(isAbstractType)
    .map((type) => [type.name, schema.getPossibleTypes(type).map(({ name }) => name)]),
);
mkdirSync(target, { recursive: true });
copyFileSync(join(root, 'schema.graphql'), join(target, 'schema.graphql'));
write('introspection.json', JSON.stringify(introspectionFromSchema(schema)));
write('index.js', `export const possibleTypes = ${JSON.stringify(possibleTypes, null, 2)};\n`);
write(
  'index.d.ts',
  `export type * from './types.js';
/** The types that each interface and union may turn out to be, as Apollo Client's InMemoryCache takes them. */
export declare const possibleTypes: Record<string, string[]>;
`,
);

function write(name, text) {
  writeFileSync(join(target, name), text);
}
