import { randomBytes } from 'node:crypto';
import { readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { directoryStorage } from '../../../src/lib/storage/directory.js';
import { memoryStorage } from '../../../src/lib/storage/memory.js';
import { s3Storage } from '../../../src/lib/storage/s3.js';
import type { Storage } from '../../../src/lib/storage/storage.js';
import { type Bucket, startBucket } from '../../kit/bucket.js';
import { temporaryDirectory } from '../../kit/temporary.js';

let directory: string;
let bucket: Bucket;
beforeAll(async () => {
  directory = await temporaryDirectory();
  bucket = await startBucket();
});
afterAll(async () => {
  await rm(directory, { recursive: true });
  await bucket.close();
});

const kinds: [string, () => Storage][] = [
  ['memory', memoryStorage],
  ['a directory', () => directoryStorage(join(directory, 'files'))],
  ['a bucket', () => s3Storage(bucket.settings)],
];

const read = async (storage: Storage, key: string): Promise<Buffer | null> => {
  const content = await storage.open(key);
  return content && buffer(content);
};

describe.each(kinds)('%s', (_name, open) => {
  test('gives back each byte of what was put, and nothing for what was not', async () => {
    const storage = open();
    const contents = [Buffer.alloc(0), Buffer.from('text'), randomBytes(3_000_000)];
    await Promise.all(contents.map((content, index) => storage.put(`wrk_1/0${index}/${index}`, content)));
    for (const [index, content] of contents.entries()) {
      expect((await read(storage, `wrk_1/0${index}/${index}`))?.equals(content)).toBe(true);
    }
    expect(await storage.open('wrk_1/ff/none')).toBeNull();
    expect(await storage.open('wrk_2/00/0')).toBeNull();
  });

  test('takes the same content again, also at the same time', async () => {
    const storage = open();
    const content = randomBytes(100_000);
    await Promise.all(Array.from({ length: 5 }, () => storage.put('wrk_1/aa/again', content)));
    expect((await read(storage, 'wrk_1/aa/again'))?.equals(content)).toBe(true);
  });

  test('takes part of a memory', async () => {
    const storage = open();
    await storage.put('wrk_1/bb/part', new Uint8Array(Buffer.from('0123456789')).subarray(2, 5));
    expect(String(await read(storage, 'wrk_1/bb/part'))).toBe('234');
  });

  test('removes what is there, and passes over what is not', async () => {
    const storage = open();
    await storage.put('wrk_1/cc/gone', Buffer.from('x'));
    await storage.remove(['wrk_1/cc/gone', 'wrk_1/cc/none']);
    expect(await storage.open('wrk_1/cc/gone')).toBeNull();
  });
});

test('a directory has nothing but complete files', async () => {
  const names = await readdir(join(directory, 'files'), { recursive: true, withFileTypes: true });
  const files = names.filter((entry) => entry.isFile()).map(({ name }) => name);
  expect(files).not.toEqual([]);
  expect(files.filter((name) => name.startsWith('.'))).toEqual([]);
});

test('what was cut off, as by a full disk, is written anew', async () => {
  const storage = directoryStorage(join(directory, 'files'));
  await storage.put('wrk_1/dd/cut', Buffer.from('all of it'));
  await writeFile(join(directory, 'files/wrk_1/dd/cut'), 'all');
  await storage.put('wrk_1/dd/cut', Buffer.from('all of it'));
  expect(String(await read(storage, 'wrk_1/dd/cut'))).toBe('all of it');
});

test('a bucket that refuses fails what was asked of it', async () => {
  const wrong = s3Storage({ ...bucket.settings, secretAccessKey: 'another secret' });
  await expect(wrong.put('wrk_1/ee/1', Buffer.from('x'))).rejects.toThrow();
  await expect(wrong.open('wrk_1/ee/1')).rejects.toThrow();
  bucket.setDown(true);
  try {
    const storage = s3Storage(bucket.settings);
    await expect(storage.put('wrk_1/ee/2', Buffer.from('x'))).rejects.toThrow();
    await expect(storage.remove(['wrk_1/ee/2'])).rejects.toThrow();
  } finally {
    bucket.setDown(false);
  }
});
