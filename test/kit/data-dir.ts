import { cp } from 'node:fs/promises';
import { layout } from '../../src/db/embedded/layout.js';
import { migratedCluster } from './cluster.js';
import { temporaryDirectory } from './temporary.js';

/** A data directory whose database is migrated and holds nothing. */
export async function temporaryDataDir(): Promise<string> {
  const directory = await temporaryDirectory();
  await cp(await migratedCluster(), layout(directory).cluster, { recursive: true });
  return directory;
}
