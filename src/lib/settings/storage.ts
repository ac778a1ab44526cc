import type { S3Settings } from '../storage/s3.js';
import { EnvironmentError, type Reader } from './reader.js';

/** Where files are stored, as the environment says. */
export interface StorageSettings {
  /** The bucket; absent: below the data directory. */
  s3?: S3Settings;
}

/** @throws EnvironmentError */
export function readStorageSettings({ value, url }: Reader): StorageSettings {
  const endpoint = url('BUCKET_URL', 'http');
  const region = value('BUCKET_REGION') ?? 'auto';
  const accessKeyId = value('BUCKET_ACCESS_KEY_ID');
  const secretAccessKey = value('BUCKET_SECRET_ACCESS_KEY');
  if (endpoint === undefined) return {};
  if (!/^[a-z0-9-]{1,60}$/.test(region))
    throw new EnvironmentError('BUCKET_REGION', 'is no region', 'a region such as eu-central-1');
  const missing = (name: string) =>
    new EnvironmentError(name, 'is missing beside BUCKET_URL', 'the credentials of the bucket');
  if (accessKeyId === undefined) throw missing('BUCKET_ACCESS_KEY_ID');
  if (secretAccessKey === undefined) throw missing('BUCKET_SECRET_ACCESS_KEY');
  return { s3: { endpoint, region, accessKeyId, secretAccessKey } };
}
