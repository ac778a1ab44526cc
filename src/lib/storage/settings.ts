import type { StartError } from '../process/start-error.js';
import type { S3Settings } from './s3.js';

/** Where files are stored, as the environment says. */
export interface StorageSettings {
  /** The bucket; absent: below the data directory. */
  s3?: S3Settings;
}

/** How the environment is read. */
interface Reader {
  value(name: string): string | undefined;
  /** The http or https URL of that variable. */
  url(name: string): string | undefined;
  Fault: new (variable: string, fault: string, wanted: string) => StartError;
}

/** @throws a Fault for a bad value. */
export function readStorageSettings({ value, url, Fault }: Reader): StorageSettings {
  const endpoint = url('BUCKET_URL');
  const region = value('BUCKET_REGION') ?? 'auto';
  const accessKeyId = value('BUCKET_ACCESS_KEY_ID');
  const secretAccessKey = value('BUCKET_SECRET_ACCESS_KEY');
  if (endpoint === undefined) return {};
  if (!/^[a-z0-9-]{1,60}$/.test(region))
    throw new Fault('BUCKET_REGION', 'is no region', 'a region such as eu-central-1');
  const missing = (name: string) => new Fault(name, 'is missing beside BUCKET_URL', 'the credentials of the bucket');
  if (accessKeyId === undefined) throw missing('BUCKET_ACCESS_KEY_ID');
  if (secretAccessKey === undefined) throw missing('BUCKET_SECRET_ACCESS_KEY');
  return { s3: { endpoint, region, accessKeyId, secretAccessKey } };
}
