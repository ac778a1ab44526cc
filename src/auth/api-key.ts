import { createHash } from 'node:crypto';
import { crc32 } from 'node:zlib';
import { base62, randomBase62 } from '../db/ids.js';

/** How a key begins; both are documented, and both open the same doors. */
export const apiKeyFormats = ['ts_sk_live', 'sk_live'] as const;
export type ApiKeyFormat = (typeof apiKeyFormats)[number];

const secretDigits = 30;
const checksumDigits = 6;
const form = new RegExp(`^((?:ts_)?sk_live_[0-9A-Za-z]{${secretDigits}})([0-9A-Za-z]{${checksumDigits}})$`);

/** How a session token begins. */
const sessionFormat = 'ts_st_live';
const sessionForm = new RegExp(`^(${sessionFormat}_[0-9A-Za-z]{${secretDigits}})([0-9A-Za-z]{${checksumDigits}})$`);

/** A new session token, made as a key is. */
export function generateSessionToken(): string {
  const body = `${sessionFormat}_${randomBase62(secretDigits)}`;
  return body + checksum(body);
}

/** Whether the text can be a session token at all. */
export const isSessionToken = (text: string): boolean => fits(sessionForm, text);

/** A new key: its format, 178 random bits and a checksum over both, so that a typo is refused without a look-up. */
export function generateApiKey(format: ApiKeyFormat): string {
  const body = `${format}_${randomBase62(secretDigits)}`;
  return body + checksum(body);
}

/** Whether the text can be a key at all. */
export const isApiKey = (text: string): boolean => fits(form, text);

function fits(pattern: RegExp, text: string): boolean {
  const [, body, digits] = pattern.exec(text) ?? [];
  return body !== undefined && digits === checksum(body);
}

/** What is stored of a key. The key is random, so a plain SHA-256 cannot be searched backwards. */
export const hashApiKey = (key: string): string => createHash('sha256').update(key).digest('hex');

/** What is shown of a key in lists: the format and the first four digits. */
export const apiKeyPrefix = (key: string): string => key.slice(0, key.lastIndexOf('_') + 5);

const checksum = (body: string): string => base62(crc32(body), checksumDigits);
