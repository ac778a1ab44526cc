import { expect, test } from 'vitest';
import { loaderPerArguments } from '../../../src/db/reading/loaders.js';

interface Asked {
  filter?: { most: bigint } | undefined;
  first?: number | undefined;
}

test('parents that are asked with equal arguments share a batch, whichever stand between them', async () => {
  const batches: [Asked, readonly string[]][] = [];
  const load = loaderPerArguments(async (args: Asked, ids) => {
    batches.push([args, ids]);
    return ids.map((id) => `${id} ${args.first}`);
  });
  const filter = { most: 7n };
  const found = await Promise.all([
    load({ first: 1 }).load('a'),
    load({ first: 1 }).load('b'),
    load({ first: 2 }).load('a'),
    load({ filter: undefined }).load('a'),
    load({ first: undefined }).load('b'),
    load({ filter, first: 1 }).load('a'),
    load({ filter: { most: 7n }, first: 1 }).load('b'),
    load({ first: 1 }).load('c'),
  ]);
  expect(found).toEqual(['a 1', 'b 1', 'a 2', 'a undefined', 'b undefined', 'a 1', 'b 1', 'c 1']);
  expect(batches).toEqual([
    [{ first: 1 }, ['a', 'b', 'c']],
    [{ first: 2 }, ['a']],
    [{}, ['a', 'b']],
    [{ filter, first: 1 }, ['a', 'b']],
  ]);
});
