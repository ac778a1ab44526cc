import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, posix, relative } from 'node:path';
import { describe, expect, test } from 'vitest';
import { packageRoot } from '../src/lib/process/root.js';

/** Who may import whom, read from the import statements, so that a short cut across the layers fails by its name. */

const source = join(packageRoot, 'src');
const files = readdirSync(source, { recursive: true, encoding: 'utf8' })
  .map((file) => relative(source, join(source, file)).replaceAll('\\', '/'))
  .filter((file) => /\.tsx?$/.test(file) && !file.startsWith('generated/'))
  .sort();

const textOf = new Map(files.map((file) => [file, withoutComments(readFileSync(join(source, file), 'utf8'))]));

/** The code alone: examples in comments import what they like. */
function withoutComments(text: string): string {
  return text.replace(/\/\*[\s\S]*?\*\/|^\s*\/\/.*$/gm, '');
}

interface Import {
  from: string;
  to: string;
}

/** What a file of ours imports of ours, by paths below src; generated code as a whole is "generated/prisma" and such. */
function importsOf(file: string): Import[] {
  const specifiers = (textOf.get(file) ?? '').matchAll(/(?:from|import|import\()\s*'(\.[^']+)'/g);
  return [...specifiers].map(([, specifier = '']) => {
    const target = posix.normalize(posix.join(dirname(file), specifier)).replace(/\.js$/, '.ts');
    return { from: file, to: files.includes(`${target}x`) ? `${target}x` : target };
  });
}

const imports = files.flatMap(importsOf);

interface Layer {
  name: string;
  /** Which files it holds; the first layer that matches has the file. */
  files: RegExp;
  /** What they may import beside each other. */
  mayImport: RegExp;
}

const graph = String.raw`modules/.+\.(types|mutations|subscriptions)\.ts`;
const ground = 'errors\\.ts|lib/.+|generated/(prisma/.+|pothos\\.ts)';
const domain = String.raw`modules/(?!.+\.(types|mutations|subscriptions)\.ts$).+`;

const layers: Layer[] = [
  { name: 'errors', files: /^errors\.ts$/, mayImport: /^$/ },
  { name: 'lib', files: /^lib\//, mayImport: /^errors\.ts$/ },
  // What runs in the browser, a client of the graph as any other; and what serves it.
  {
    name: 'browser',
    files: /^pages\/(analytics|reference)\//,
    mayImport: /^(lib\/values\/currency\.ts|generated\/pages\/.+)$/,
  },
  { name: 'pages', files: /^pages\//, mayImport: /^(lib\/.+|rest\/openapi\.ts)$/ },
  { name: 'env', files: /^env\.ts$/, mayImport: /^(errors\.ts|lib\/.+)$/ },
  { name: 'sdk', files: /^sdk\//, mayImport: /^$/ },
  { name: 'db', files: /^db\//, mayImport: new RegExp(`^(${ground}|env\\.ts)$`) },
  { name: 'auth', files: /^auth\//, mayImport: new RegExp(`^(${ground}|db/.+)$`) },
  {
    name: 'rest',
    files: /^rest\//,
    mayImport: /^(errors\.ts|lib\/.+|generated\/(?!prisma).+|graphql\/execution\/execute\.ts)$/,
  },
  {
    name: 'graph of a module',
    files: new RegExp(`^${graph}$`),
    mayImport: new RegExp(
      `^(${ground}|context\\.ts|auth/.+|db/global-id\\.ts|db/(lists|reading)/.+|graphql/schema/.+|graphql/limits/cost\\.ts|${domain})$`,
    ),
  },
  { name: 'domain', files: new RegExp(`^${domain}$`), mayImport: new RegExp(`^(${ground}|auth/.+|db/.+)$`) },
  {
    name: 'list of the schema',
    files: /^graphql\/schema\.ts$/,
    mayImport: new RegExp(`^(graphql/schema/.+|${graph})$`),
  },
  {
    name: 'server of the graph',
    files: /^graphql\/http\//,
    mayImport: new RegExp(`^(${ground}|context\\.ts|auth/.+|graphql/.+)$`),
  },
  {
    name: 'limits of the graph',
    files: /^graphql\/limits\//,
    mayImport: new RegExp(`^(${ground}|context\\.ts|auth/.+|db/lists/keyset\\.ts)$`),
  },
  {
    name: 'execution of the graph',
    files: /^graphql\/execution\//,
    mayImport: new RegExp(`^(${ground}|context\\.ts|auth/.+|db/.+|graphql/(schema|limits)/.+)$`),
  },
  {
    name: 'helpers of the schema',
    files: /^graphql\/schema\//,
    mayImport: new RegExp(`^(${ground}|context\\.ts|auth/.+|db/.+|graphql/limits/cost\\.ts)$`),
  },
  { name: 'services', files: /^services\.ts$/, mayImport: new RegExp(`^(lib/.+|auth/.+|db/.+|${domain})$`) },
  { name: 'context', files: /^context\.ts$/, mayImport: new RegExp(`^(services.ts|lib/.+|auth/.+|db/.+|${domain})$`) },
  // What comes in by other ways than the graph.
  {
    name: 'inbound',
    files: /^inbound\//,
    mayImport: new RegExp(`^(${ground}|services\\.ts|auth/.+|db/faults/.+|${domain})$`),
  },
  {
    name: 'command line',
    files: /^cli\//,
    mayImport: new RegExp(`^(${ground}|env\\.ts|services\\.ts|auth/.+|db/.+|graphql/documents/.+|${domain})$`),
  },
  {
    name: 'documents of the graph',
    files: /^graphql\/documents\//,
    mayImport: new RegExp(`^(${ground}|graphql/schema\\.ts)$`),
  },
  // They put the parts together, or run what was put together.
  {
    name: 'application',
    files: /^(application\/.+|(app|bin|main|serve|lifecycle|processes|upkeep)\.ts)$/,
    mayImport: /./,
  },
];

const layerOf = (file: string): Layer | undefined => layers.find((layer) => layer.files.test(file));

describe('the files of src', () => {
  test('were found, with what they import', () => {
    expect(files).toEqual(
      expect.arrayContaining(['app.ts', 'graphql/schema/builder.ts', 'modules/customer/customer.service.ts']),
    );
    expect(imports).toContainEqual({ from: 'graphql/http/server.ts', to: 'graphql/execution/execute.ts' });
    expect(imports.length).toBeGreaterThan(files.length);
  });

  test('each lie in a layer', () => {
    expect(files.filter((file) => !layerOf(file))).toEqual([]);
  });

  test.each(layers.map((layer) => [layer.name, layer] as const))('import only what lies below: %s', (_name, layer) => {
    const violations = imports
      .filter(({ from }) => layerOf(from) === layer)
      .filter(({ to }) => layerOf(to) !== layer && !layer.mayImport.test(to))
      .map(({ from, to }) => `${from} must not import ${to}`);
    expect(violations).toEqual([]);
  });

  test('are imported by main through the application alone', () => {
    const allowed = /^(app|serve|processes|env)\.ts$|^(db|lib)\//;
    const violations = imports
      .filter(({ from, to }) => from === 'main.ts' && !allowed.test(to))
      .map(({ to }) => `main.ts must not import ${to}`);
    expect(violations).toEqual([]);
  });

  test('of two modules import in one direction', () => {
    const moduleOf = (file: string): string | undefined => /^(?:modules\/[^/]+|auth)(?=\/)/.exec(file)?.[0];
    const pairs = imports
      .map(({ from, to }) => [moduleOf(from), moduleOf(to)])
      .filter(([from, to]) => from !== undefined && to !== undefined && from !== to);
    const known = new Set(pairs.map((pair) => pair.join(' ')));
    expect(pairs.filter(([from, to]) => known.has(`${to} ${from}`))).toEqual([]);
  });

  test('stand by at most a dozen in a folder', () => {
    const perFolder = new Map<string, number>();
    for (const file of files) perFolder.set(dirname(file), (perFolder.get(dirname(file)) ?? 0) + 1);
    expect([...perFolder].filter(([, count]) => count > 12)).toEqual([]);
  });

  test('import each other in no circle', () => {
    expect(circles()).toEqual([]);
  });

  test('read the environment in env.ts alone', () => {
    const readers = files.filter((file) => /process\.env\b/.test(textOf.get(file) ?? ''));
    expect(readers).toEqual(['env.ts']);
  });

  test('take the Prisma client from the context in the schema builder alone', () => {
    const readers = files.filter((file) => /\bprismaClient\b/.test(textOf.get(file) ?? ''));
    expect(readers).toEqual(['context.ts', 'graphql/schema/builder.ts']);
  });

  test('have names for all they export', () => {
    expect(files.filter((file) => /^export default\b/m.test(textOf.get(file) ?? ''))).toEqual([]);
  });

  test('keep to 300 lines', () => {
    const long = files.filter((file) => readFileSync(join(source, file), 'utf8').split('\n').length > 300);
    expect(long).toEqual([]);
  });
});

/** Each circle of imports once, as "a.ts → b.ts → a.ts". */
function circles(): string[] {
  const targets = new Map<string, string[]>();
  for (const { from, to } of imports) targets.set(from, [...(targets.get(from) ?? []), to]);
  const found: string[] = [];
  const done = new Set<string>();
  const visit = (file: string, trail: readonly string[]): void => {
    const start = trail.indexOf(file);
    if (start >= 0) {
      found.push([...trail.slice(start), file].join(' → '));
      return;
    }
    if (done.has(file)) return;
    for (const target of targets.get(file) ?? []) visit(target, [...trail, file]);
    done.add(file);
  };
  for (const file of files) visit(file, []);
  return found;
}
