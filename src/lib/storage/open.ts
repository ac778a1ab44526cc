import { join } from 'node:path';
import type { StorageSettings } from '../settings/storage.js';
import { directoryStorage } from './directory.js';
import type { Storage } from './storage.js';

/** The storage of the installation: a bucket, or a directory. The S3 client is loaded only if there is a bucket. */
export async function openStorage({ s3, dataDir }: StorageSettings & { dataDir: string }): Promise<Storage> {
  if (!s3) return directoryStorage(join(dataDir, 'files'));
  const { s3Storage } = await import('./s3.js');
  return s3Storage(s3);
}
