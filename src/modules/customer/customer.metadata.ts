import { badInput } from '../../errors.js';
import type { Prisma } from '../../generated/prisma/client.js';
import type { Fault } from '../../lib/values/validation.js';

/** The rules of metadata. */

export const maxMetadataBytes = 16_384;
const maxDepth = 5;
const maxKeyLength = 100;

const tooLarge: Fault = { message: `Must have at most ${maxMetadataBytes} bytes as JSON.` };

/** The size of metadata as JSON. */
export const metadataBytes = (metadata: object): number => Buffer.byteLength(JSON.stringify(metadata));

/** What a metadata column holds, which is always an object. */
export const metadataOf = (stored: Prisma.JsonValue): Prisma.JsonObject =>
  typeof stored === 'object' && stored !== null && !Array.isArray(stored) ? stored : {};

/** The stored metadata with the given top-level keys set, and those given as null removed. */
export function mergeMetadata(stored: Prisma.JsonValue, changes: object | undefined): Prisma.JsonObject {
  const merged = { ...metadataOf(stored), ...changes };
  const kept = Object.fromEntries(Object.entries(merged).filter(([, value]) => value !== null));
  if (metadataBytes(kept) > maxMetadataBytes) {
    throw badInput(['metadata'], `Must have at most ${maxMetadataBytes} bytes as JSON, merged with what is stored.`);
  }
  return kept as Prisma.JsonObject;
}

/** The first error in metadata. It stops at the size limit, so that a huge object costs little. */
export function metadataFault(metadata: object): Fault | undefined {
  /** The bytes that are left. A string takes at least its length as JSON, and any other value at least one. */
  let left = maxMetadataBytes;

  const ofText = (text: string): Fault | undefined => {
    left -= text.length;
    if (left < 0) return tooLarge;
    return isStorable(text) ? undefined : { message: 'Must not contain a NUL character or half of a surrogate pair.' };
  };
  const ofValue = (value: unknown, path: readonly string[]): Fault | undefined => {
    if (typeof value === 'string') return ofText(value);
    left -= 1;
    if (left < 0) return tooLarge;
    // JSON.parse reads 1e400 as Infinity, which JSON cannot write.
    if (typeof value === 'number' && !Number.isFinite(value)) {
      return { message: 'Must hold numbers up to 1.8e308 only.', path: path.slice(0, 1) };
    }
    if (typeof value !== 'object' || value === null) return undefined;
    if (Object.keys(value).length > left) return tooLarge;
    if (path.length === maxDepth) return { message: `Must nest at most ${maxDepth} deep.` };
    for (const [key, member] of Object.entries(value)) {
      if (path.length === 0 && key.length > maxKeyLength) {
        return { message: `Must have keys of at most ${maxKeyLength} characters.` };
      }
      if (key === '__proto__') return { message: 'Must not have the key __proto__.' };
      const fault = (Array.isArray(value) ? undefined : ofText(key)) ?? ofValue(member, [...path, key]);
      if (fault) return fault;
    }
    return undefined;
  };

  return ofValue(metadata, []) ?? (metadataBytes(metadata) > maxMetadataBytes ? tooLarge : undefined);
}

const isStorable = (text: string): boolean => !text.includes('\0') && !/\p{Surrogate}/u.test(text);
