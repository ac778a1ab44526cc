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
  { name: 'browser', files: /^pages\/(analytics|docs)\//, mayImport: /^(lib\/currency\.ts|generated\/pages\/.+)$/ },
  { name: 'pages', files: /^pages\//, mayImport: /^(lib\/.+|rest\/openapi\.ts)$/ },
  { name: 'env', files: /^env\.ts$/, mayImport: /^(errors\.ts|lib\/.+)$/ },
  { name: 'sdk', files: /^sdk\//, mayImport: /^$/ },
  { name: 'db', files: /^db\//, mayImport: new RegExp(`^(${ground}|env\\.ts)$`) },
  { name: 'rest', files: /^rest\//, mayImport: /^(errors\.ts|lib\/.+|generated\/(?!prisma).+|graphql\/execute\.ts)$/ },
  {
    name: 'graph of a module',
    files: new RegExp(`^${graph}$`),
    mayImport: new RegExp(
      `^(${ground}|context\\.ts|db/(global-id|keyset|listing|matches)\\.ts|graphql/(?!schema|server).+|${domain})$`,
    ),
  },
  { name: 'domain', files: new RegExp(`^${domain}$`), mayImport: new RegExp(`^(${ground}|db/.+)$`) },
  {
    name: 'server of the graph',
    files: /^graphql\/(server|websocket|in-process)\.ts$/,
    mayImport: new RegExp(`^(${ground}|context\\.ts|db/.+|graphql/.+|${domain})$`),
  },
  { name: 'schema', files: /^graphql\/schema\.ts$/, mayImport: new RegExp(`^(graphql/.+|${graph})$`) },
  {
    name: 'helpers of the graph',
    files: /^graphql\//,
    mayImport: new RegExp(`^(${ground}|context\\.ts|db/.+|${domain})$`),
  },
  { name: 'context', files: /^context\.ts$/, mayImport: new RegExp(`^(lib/.+|db/.+|${domain})$`) },
  // What comes in by other ways than the graph.
  {
    name: 'inbound',
    files: /^inbound\//,
    mayImport: new RegExp(`^(${ground}|context\\.ts|db/unreachable\\.ts|${domain})$`),
  },
  {
    name: 'command line',
    files: /^cli\//,
    mayImport: new RegExp(`^(${ground}|env\\.ts|context\\.ts|db/.+|${domain})$`),
  },
  // They put the parts together, or run what was put together.
  { name: 'application', files: /^(app|main|serve|operations|lifecycle|processes|upkeep)\.ts$/, mayImport: /./ },
];

const layerOf = (file: string): Layer | undefined => layers.find((layer) => layer.files.test(file));

describe('the files of src', () => {
  test('were found, with what they import', () => {
    expect(files).toEqual(
      expect.arrayContaining(['app.ts', 'graphql/builder.ts', 'modules/customer/customer.service.ts']),
    );
    expect(imports).toContainEqual({ from: 'graphql/server.ts', to: 'graphql/execute.ts' });
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
    const allowed = /^(app|serve|processes|operations|env)\.ts$|^(db|lib)\//;
    const violations = imports
      .filter(({ from, to }) => from === 'main.ts' && !allowed.test(to))
      .map(({ to }) => `main.ts must not import ${to}`);
    expect(violations).toEqual([]);
  });

  test('import each other in no circle', () => {
    expect(circles()).toEqual([]);
  });

  test('read the environment in env.ts alone', () => {
    const readers = files.filter((file) => /process\.env\b/.test(textOf.get(file) ?? ''));
    expect(readers).toEqual(['env.ts']);
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
