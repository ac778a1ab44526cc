import { createHash } from 'node:crypto';
import { crc32 } from 'node:zlib';
import { base62, randomBase62 } from '../db/ids.js';

/** The prefixes of keys. Both are documented and give the same access. */
export const apiKeyFormats = ['ts_sk_live', 'sk_live'] as const;
export type ApiKeyFormat = (typeof apiKeyFormats)[number];

const secretDigits = 30;
const checksumDigits = 6;
const form = new RegExp(`^((?:ts_)?sk_live_[0-9A-Za-z]{${secretDigits}})([0-9A-Za-z]{${checksumDigits}})$`);

/** The prefix of session tokens. */
const sessionFormat = 'ts_st_live';
const sessionForm = new RegExp(`^(${sessionFormat}_[0-9A-Za-z]{${secretDigits}})([0-9A-Za-z]{${checksumDigits}})$`);

/** A new session token, generated like a key. */
export function generateSessionToken(): string {
  const body = `${sessionFormat}_${randomBase62(secretDigits)}`;
  return body + checksum(body);
}

/** Whether the text has the form of a session token. */
export const isSessionToken = (text: string): boolean => fits(sessionForm, text);

/** A new key: its format, 178 random bits and a checksum over both, so that a typo is refused without a look-up. */
export function generateApiKey(format: ApiKeyFormat): string {
  const body = `${format}_${randomBase62(secretDigits)}`;
  return body + checksum(body);
}

/** Whether the text has the form of a key. */
export const isApiKey = (text: string): boolean => fits(form, text);

function fits(pattern: RegExp, text: string): boolean {
  const [, body, digits] = pattern.exec(text) ?? [];
  return body !== undefined && digits === checksum(body);
}

/** The stored hash of a key. The key is random, so a plain SHA-256 cannot be reversed by guessing. */
export const hashApiKey = (key: string): string => createHash('sha256').update(key).digest('hex');

/** The part of a key that lists show: the format and the first four characters. */
export const apiKeyPrefix = (key: string): string => key.slice(0, key.lastIndexOf('_') + 5);

const checksum = (body: string): string => base62(crc32(body), checksumDigits);
