import type { Fault } from '../../lib/values/validation.js';

/** What metadata may hold. */

export const maxMetadataBytes = 16_384;
const maxDepth = 5;
const maxKeyLength = 100;

const tooLarge: Fault = { message: `Must have at most ${maxMetadataBytes} bytes as JSON.` };

/** How many bytes metadata takes. */
export const metadataBytes = (metadata: object): number => Buffer.byteLength(JSON.stringify(metadata));

/** The first thing that is wrong with metadata; whoever sends a million values has only the first ones looked at. */
export function metadataFault(metadata: object): Fault | undefined {
  /** How many bytes there are left for JSON, of which a text takes at least its length and any other value one. */
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
    // JSON can say 1e400, which is read as a number that it cannot write.
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
      const fault = (Array.isArray(value) ? undefined : ofText(key)) ?? ofValue(member, [...path, key]);
      if (fault) return fault;
    }
    return undefined;
  };

  return ofValue(metadata, []) ?? (metadataBytes(metadata) > maxMetadataBytes ? tooLarge : undefined);
}

const isStorable = (text: string): boolean => !text.includes('\0') && !/\p{Surrogate}/u.test(text);
