import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { packageRoot } from '../../src/lib/process/root.js';

/** The bench has packages of its own and is run by hand: what it takes of the project must not move away from under it. */

test('the bench imports what is there', () => {
  const texts = ['src', 'rivals'].flatMap((directory) => {
    const names = readdirSync(join(packageRoot, 'bench', directory), { recursive: true, encoding: 'utf8' });
    const files = names
      .filter((name) => name.endsWith('.js'))
      .map((name) => join(packageRoot, 'bench', directory, name));
    return files.map((file) => readFileSync(file, 'utf8'));
  });
  const imported = texts.flatMap((text) => [...text.matchAll(/fromProject\(\s*'dist\/(src\/[^']+)\.js'/g)]);
  const modules = imported.map(([, module = '']) => module);
  expect(modules).toContain('src/context');
  expect(
    modules.filter((module) => !existsSync(join(packageRoot, `${module}.ts`)) && !module.includes('/generated/')),
  ).toEqual([]);
});
