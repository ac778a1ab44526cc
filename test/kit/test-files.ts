import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** What opens the database of the run, embedded or on the PostgreSQL of TEST_DATABASE_URL. */
const openers = ['test/kit/database.ts', 'test/kit/connection.ts'];

/** What starts compiled processes, with embedded databases of their own. */
const starters = ['test/kit/gateway.ts', 'test/kit/cluster.ts'];

const importOfValues = /^(?:import(?! type)|export(?! type)[^'\n]*? from)\s[^']*?'(\.[^']+)\.js'/gm;

/** The test files by what they need, which is seen by what they import, themselves or through other files of the tests. */
export interface TestFiles {
  /** Neither a database nor a compiled process. */
  unit: string[];
  /** Compiled processes with embedded databases of their own: nothing depends on the database of the run. */
  embedded: string[];
  /** The database of the run. */
  database: string[];
}

export function testFiles(): TestFiles {
  const found: TestFiles = { unit: [], embedded: [], database: [] };
  const names = readdirSync('test', { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.test.ts'));
  for (const path of names.map((name) => join('test', name)).sort()) {
    if (reaches(openers, path)) found.database.push(path);
    else if (reaches(starters, path)) found.embedded.push(path);
    else found.unit.push(path);
  }
  return found;
}

function reaches(targets: readonly string[], path: string, seen = new Set<string>()): boolean {
  if (seen.has(path)) return false;
  seen.add(path);
  return targets.includes(path) || importsOf(path).some((target) => reaches(targets, target, seen));
}

const known = new Map<string, string[]>();

function importsOf(path: string): string[] {
  const found = known.get(path) ?? readImports(path);
  known.set(path, found);
  return found;
}

const readImports = (path: string): string[] =>
  [...readFileSync(path, 'utf8').matchAll(importOfValues)]
    .map(([, target = '']) => `${join(dirname(path), target)}.ts`)
    .filter((target) => target.startsWith('test/') && !target.startsWith('test/generated/'));
