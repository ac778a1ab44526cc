import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';

let known: Promise<string> | undefined;

/** Identifies the running code: the same in every process of one release, and different after any change. */
export function release(): Promise<string> {
  known ??= hashOf(dirname(dirname(import.meta.dirname)));
  return known;
}

async function hashOf(directory: string): Promise<string> {
  const names = (await readdir(directory, { recursive: true })).filter((name) => /\.[jt]s$/.test(name)).sort();
  const hash = createHash('sha256');
  for (const name of names) hash.update(name).update(await readFile(join(directory, name)));
  return hash.digest('base64url');
}
