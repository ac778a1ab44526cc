import type { CodegenConfig } from '@graphql-codegen/cli';

/** Typed documents, checked against the committed schema. */
const typedDocuments = {
  preset: 'client' as const,
  presetConfig: { fragmentMasking: false },
  config: {
    enumsAsTypes: true,
    useTypeImports: true,
    strictScalars: true,
    scalars: {
      BigInt: 'number | string',
      DateTime: 'string',
      LocalDate: 'string',
      JSONObject: 'Record<string, unknown>',
    },
  },
};

/** What a request leaves out is undefined in its variables. */
const withGaps = { ...typedDocuments, config: { ...typedDocuments.config, inputMaybeValue: 'T | null | undefined' } };

/** The documents of the REST shim and of the pages, the operations that stand in the tests, and the types of the schema. */
const config: CodegenConfig = {
  schema: 'schema.graphql',
  ignoreNoDocuments: true,
  generates: {
    'src/generated/documents/': { ...withGaps, documents: 'src/rest/documents/*.graphql' },
    'src/generated/pages/': { ...withGaps, documents: 'src/pages/**/*.graphql' },
    'packages/schema/dist/types.d.ts': { plugins: ['typescript'], config: typedDocuments.config },
    'test/generated/': { ...typedDocuments, documents: ['test/**/*.ts', '!test/generated/**'] },
  },
  emitLegacyCommonJSImports: false,
  importExtension: '.js',
};

export default config;
