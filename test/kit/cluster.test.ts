import { mkdir, readdir, rm, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { removeOldest } from './cluster.js';
import { temporaryDirectory } from './temporary.js';

let directory: string;

beforeAll(async () => {
  directory = await temporaryDirectory();
});
afterAll(() => rm(directory, { recursive: true }));

test('of the migrated clusters those that were used last stay, and what else is in the cache', async () => {
  const names = ['migrated-b', 'draft-a', 'migrated-a', 'migrated-c', 'notes'];
  for (const [place, name] of names.entries()) {
    await mkdir(join(directory, name, 'base'), { recursive: true });
    await utimes(join(directory, name), place, place);
  }
  await removeOldest(directory, 2);
  expect((await readdir(directory)).sort()).toEqual(['migrated-a', 'migrated-c', 'notes']);
});
