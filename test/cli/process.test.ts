import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { beforeAll, expect, test } from 'vitest';
import { layout } from '../../src/db/embedded/layout.js';
import { currentHolder } from '../../src/db/embedded/lock.js';
import { packageRoot } from '../../src/lib/process/root.js';
import { temporaryDataDir } from '../kit/data-dir.js';
import { fixture, fixtureText } from './fixtures.js';
import { ended, startCommand } from './process.js';
import type { Run } from './run.js';

let dataDir: string;

beforeAll(async () => {
  dataDir = await temporaryDataDir();
  return () => rm(dataDir, { recursive: true, maxRetries: 20 });
});

/** Runs a command in a process of its own, on an embedded database of its own. */
function command(args: readonly string[], input: string | undefined = undefined): Promise<Run> {
  const child = startCommand(args, { DATA_DIR: dataDir });
  child.stdin.end(input);
  return ended(child);
}

test('a command runs on the embedded database, prints only what was asked for, and leaves no server behind', async () => {
  const seeded = await command(['seed', '--json']);
  expect({ code: seeded.code, err: seeded.err }).toEqual({ code: 0, err: '' });
  expect(JSON.parse(seeded.out)).toMatchObject({ seeded: true, workspaceId: 'wrk_demo', keys: [{}, {}] });
  expect(await currentHolder(layout(dataDir).run)).toBeUndefined();

  const into = ['--workspace', 'wrk_demo', '--json'];
  const first = await command(['import', 'conversations', '-', ...into], fixtureText('conversations.jsonl'));
  expect({ code: first.code, err: first.err }).toEqual({ code: 0, err: '' });
  expect(JSON.parse(first.out)).toMatchObject({ conversationsCreated: 20, failed: 0 });

  const second = await command(['import', 'conversations', fixture('bad-conversations.jsonl'), ...into]);
  expect(second.code).toBe(1);
  expect(JSON.parse(second.out)).toMatchObject({ lines: 25, failed: 23 });
  expect(second.err.split('\n')).toHaveLength(23 + 1 + 1);
  expect(await currentHolder(layout(dataDir).run)).toBeUndefined();
});

test('a bad argument ends with 2 and one line, a failed command with no stack', async () => {
  const mistyped = await command(['keys', 'crate']);
  expect(mistyped).toEqual({ code: 2, out: '', err: "error: unknown command 'crate' (Did you mean create?)\n" });
  const taken = await command(['workspace', 'create', '--id', 'wrk_demo']);
  expect(taken).toMatchObject({
    code: 1,
    out: '',
    err: expect.stringMatching(/^id: A workspace has this id[^\n]*\n$/),
  });
});

test.runIf(existsSync('/dev/full'))('a command whose output does not fit on the disk says so in one line', () => {
  for (const args of ['workspace create', 'export customers --workspace wrk_demo']) {
    const line = `exec "$0" dist/src/cli/main.js ${args} > /dev/full`;
    const { status, stderr } = spawnSync('sh', ['-c', line, process.execPath], {
      cwd: packageRoot,
      env: { PATH: process.env.PATH, DATABASE_URL: '', DATA_DIR: dataDir },
      encoding: 'utf8',
    });
    const words = 'Standard output cannot be written: ENOSPC: no space left on device, write\n';
    expect({ status, stderr }).toEqual({ status: 1, stderr: words });
  }
});
