import { rm } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { temporaryDataDir } from '../../kit/data-dir.js';
import { kill, serves, startGateway } from '../../kit/gateway.js';

const inbox = `{ conversations(first: 20) { nodes {
  id subject status lastMessageAt contact { id name } assignee { id name } messages(last: 3) { nodes { id preview } }
} } }`;

/** The sum of a figure over the lines in which V8 tells of its collections, as JSON in later releases. */
const sumOf = (name: string, lines: string): number =>
  [...lines.matchAll(new RegExp(`\\b${name}"?[=:](\\d+)`, 'g'))].reduce((sum, [, bytes]) => sum + Number(bytes), 0);

test('of what requests allocate, little outlives the collection of young objects', async () => {
  const dataDir = await temporaryDataDir();
  const gateway = await startGateway({ DATA_DIR: dataDir }, { script: ['--trace-gc-nvp', 'dist/src/main.js'] });
  try {
    await serves(gateway);
    const [key = ''] = /ts_sk_live_\w+/.exec(gateway.out()) ?? [];
    const request = {
      method: 'POST',
      headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
      body: JSON.stringify({ query: inbox }),
    };
    const ask = async (times: number): Promise<void> => {
      for (let time = 0; time < times; time += 1) {
        const response = await fetch(`${gateway.url}/graphql`, request);
        expect(Object.keys((await response.json()) as object)).toEqual(['data']);
      }
    };
    // What is compiled and cached for good is old with right.
    await ask(500);
    const before = gateway.out().length;
    const told = () => gateway.out().slice(before);
    await expect
      .poll(async () => {
        await ask(200);
        return sumOf('allocated', told());
      })
      .toBeGreaterThan(200_000_000);
    expect(sumOf('promoted', told()) / sumOf('allocated', told())).toBeLessThan(0.04);
  } finally {
    await kill(gateway);
    await rm(dataDir, { recursive: true, maxRetries: 20 });
  }
});
