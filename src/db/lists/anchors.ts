import { LRUCache } from 'lru-cache';
import { join, type Sql } from '../database.js';
import type { Cursor, Direction } from './ordering.js';

/**
 * Where numbered pages begin: the place behind the last row of a page is kept for a minute, so that the page after it
 * costs no more than the first, however deep it lies. Whoever reads pages one after the other also neither skips nor
 * repeats rows when others come or go in between.
 */

const maxAnchors = 10_000;
/** Longer than one who reads page by page takes for a page. */
const ttlMs = 60_000;
/** Lists with longer conditions are counted out each time. */
const maxKeyLength = 2_000;

/** What makes a list the same as another: its rows and their order. */
interface NumberedList {
  where: readonly Sql[];
  ordering: { name: string; direction: Direction };
}

const anchors = new LRUCache<string, Cursor>({ max: maxAnchors, ttl: ttlMs });

/** The place behind this many rows of the list, if its last page was read not long ago. */
export const anchorAt = (listing: NumberedList, offset: number): Cursor | undefined =>
  anchors.get(keyOf(listing, offset));

/** Keeps the place behind this many rows of the list. */
export function keepAnchor(listing: NumberedList, offset: number, cursor: Cursor): void {
  const key = keyOf(listing, offset);
  if (key.length <= maxKeyLength) anchors.set(key, cursor);
}

function keyOf({ where, ordering }: NumberedList, offset: number): string {
  const { text, values } = join([...where], ' AND ');
  return JSON.stringify([ordering.name, ordering.direction, offset, text, values], (_name, value: unknown) =>
    typeof value === 'bigint' ? String(value) : value,
  );
}
