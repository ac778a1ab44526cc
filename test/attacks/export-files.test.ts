import { lstat, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { writeTo } from '../../src/cli/export/target.js';
import { temporaryDirectory } from '../kit/temporary.js';

/** An export into a directory that somebody else writes to as well. */

let directory: string;
let exported: string;

beforeEach(async () => {
  directory = await temporaryDirectory();
  exported = join(directory, 'customers.jsonl');
});
afterEach(() => rm(directory, { recursive: true, force: true }));

const shell = { output: () => new PassThrough() };

async function* lines() {
  yield 'Hanako\n';
}

/** The name that whoever sees the processes of the machine can guess. */
const guessed = (): string => `${exported}.${process.pid}.part`;

test('does not write through a link that was laid for it', async () => {
  const precious = join(directory, 'precious');
  await writeFile(precious, 'kept');
  await symlink(precious, guessed());
  await writeTo(shell, exported, lines());
  expect(await readFile(precious, 'utf8')).toBe('kept');
  expect(await readFile(exported, 'utf8')).toBe('Hanako\n');
});

test('does not write into a file that others may read', async () => {
  await writeFile(guessed(), '', { mode: 0o666 });
  await writeTo(shell, exported, lines());
  expect((await lstat(exported)).mode & 0o077).toBe(0);
});

test('takes the place of a link, and leaves alone what it leads to', async () => {
  const precious = join(directory, 'precious');
  await writeFile(precious, 'kept');
  await symlink(precious, exported);
  await writeTo(shell, exported, lines());
  expect(await readFile(precious, 'utf8')).toBe('kept');
  expect((await lstat(exported)).isFile()).toBe(true);
});

test('leaves nothing behind when it fails', async () => {
  async function* broken() {
    yield 'Hanako\n';
    throw new Error('gone');
  }
  await expect(writeTo(shell, exported, broken())).rejects.toThrow('gone');
  expect(await readdir(directory)).toEqual([]);
});
