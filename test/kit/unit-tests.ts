import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** What opens a database or starts a compiled process. */
const openers = ['test/kit/database.ts', 'test/kit/connection.ts', 'test/kit/gateway.ts'];

const importOfValues = /^(?:import(?! type)|export(?! type)[^'\n]*? from)\s[^']*?'(\.[^']+)\.js'/gm;

/**
 * The test files that need neither a database nor a compiled process: those that import no opener, neither themselves nor
 * through other files of the tests.
 */
export function unitTests(): string[] {
  const files = readdirSync('test', { recursive: true, encoding: 'utf8' }).map((name) => join('test', name));
  return files.filter((path) => path.endsWith('.test.ts') && !reachesOpener(path, new Set())).sort();
}

function reachesOpener(path: string, seen: Set<string>): boolean {
  if (seen.has(path)) return false;
  seen.add(path);
  return openers.includes(path) || importsOf(path).some((target) => reachesOpener(target, seen));
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
