import { createHash } from 'node:crypto';
import { crc32 } from 'node:zlib';
import { base62, randomBase62 } from '../db/ids.js';

/** How a key begins; both are documented, and both open the same doors. */
export const apiKeyFormats = ['ts_sk_live', 'sk_live'] as const;
export type ApiKeyFormat = (typeof apiKeyFormats)[number];

const secretDigits = 30;
const checksumDigits = 6;
const form = new RegExp(`^((?:ts_)?sk_live_[0-9A-Za-z]{${secretDigits}})([0-9A-Za-z]{${checksumDigits}})$`);

/** A new key: its format, 178 random bits and a checksum over both, so that a typo is refused without a look-up. */
export function generateApiKey(format: ApiKeyFormat): string {
  const body = `${format}_${randomBase62(secretDigits)}`;
  return body + checksum(body);
}

/** Whether the text can be a key at all. */
export function isApiKey(text: string): boolean {
  const [, body, digits] = form.exec(text) ?? [];
  return body !== undefined && digits === checksum(body);
}

/** What is stored of a key. The key is random, so a plain SHA-256 cannot be searched backwards. */
export const hashApiKey = (key: string): string => createHash('sha256').update(key).digest('hex');

/** What is shown of a key in lists: the format and the first four digits. */
export const apiKeyPrefix = (key: string): string => key.slice(0, key.lastIndexOf('_') + 5);

const checksum = (body: string): string => base62(crc32(body), checksumDigits);
