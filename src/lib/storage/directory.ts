import { randomUUID } from 'node:crypto';
import { constants, mkdir, open, rename, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Storage } from './storage.js';

/**
 * Stores each content as a file. Several processes, also of several machines with a shared disk, may use one directory:
 * a file gets its final name only when it is complete and flushed.
 */
export function directoryStorage(directory: string): Storage {
  const pathOf = (key: string): string => join(directory, key);
  return {
    async put(key, content) {
      const path = pathOf(key);
      if ((await sizeOf(path)) === content.byteLength) return;
      const draft = join(dirname(path), `.${randomUUID()}`);
      await mkdir(dirname(path), { recursive: true, mode: 0o700 });
      try {
        await writeFile(draft, content, { flag: 'wx', mode: 0o600, flush: true });
        await rename(draft, path);
      } catch (error) {
        await rm(draft, { force: true });
        throw error;
      }
      await flushDirectories(directory, dirname(path));
    },
    async open(key) {
      // Opening a pipe could block, and reading a device might never end.
      const file = await open(pathOf(key), constants.O_RDONLY | constants.O_NONBLOCK).catch(unlessMissing);
      if (!file) return null;
      const status = await file.stat();
      if (status.isFile()) return file.createReadStream();
      await file.close();
      return null;
    },
    async remove(keys) {
      for (const key of keys) await rm(pathOf(key), { force: true });
    },
  };
}

const sizeOf = async (path: string): Promise<number | undefined> => (await stat(path).catch(unlessMissing))?.size;

function unlessMissing(error: NodeJS.ErrnoException): undefined {
  if (error.code !== 'ENOENT' && error.code !== 'ENOTDIR') throw error;
  return undefined;
}

/** Flushes the directory entries of a new file and of the directories that were created for it. */
async function flushDirectories(root: string, directory: string): Promise<void> {
  for (let place = directory; place.startsWith(root); place = dirname(place)) {
    const handle = await open(place, 'r');
    try {
      await handle.sync();
    } finally {
      await handle.close();
    }
    if (place === root) return;
  }
}
