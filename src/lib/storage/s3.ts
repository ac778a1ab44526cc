import { Readable } from 'node:stream';
import type { ReadableStream } from 'node:stream/web';
import { S3mini } from 's3mini';
import type { Storage } from './storage.js';

export interface S3Settings {
  /** The URL of the service with the bucket: `https://s3.example/bucket`, or a host of the bucket's own. */
  endpoint: string;
  region: string;
  accessKeyId: string;
  secretAccessKey: string;
}

/** How long a request to the service may take. */
const timeoutMs = 60_000;

/** Keeps each content as an object of a service that speaks the protocol of S3. */
export function s3Storage(settings: S3Settings): Storage {
  const bucket = new S3mini({ ...settings, requestAbortTimeout: timeoutMs });
  return {
    async put(key, content) {
      await bucket.putObject(key, Buffer.from(content.buffer, content.byteOffset, content.byteLength));
    },
    async open(key) {
      const response = await bucket.getObjectResponse(key);
      if (!response?.body) return null;
      return Readable.fromWeb(response.body as ReadableStream<Uint8Array>);
    },
    async remove(keys) {
      for (const key of keys) await bucket.deleteObject(key);
    },
  };
}
