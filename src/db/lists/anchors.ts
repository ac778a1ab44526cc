import { LRUCache } from 'lru-cache';
import { join, type Sql } from '../database.js';
import type { Cursor, Direction } from './ordering.js';

/**
 * Cursors for numbered pages. The position after the last row of a page is kept for a minute, so that the next page
 * costs no more than the first, however deep it is. A client that reads pages one after the other also neither skips
 * nor repeats rows when other rows are added or removed.
 */

const maxAnchors = 10_000;
/** Longer than a client that reads page by page takes for a page. */
const ttlMs = 60_000;
/** For lists with longer conditions, rows are skipped by counting. */
const maxKeyLength = 2_000;

/** The properties that identify a list: its rows and their order. */
interface NumberedList {
  where: readonly Sql[];
  ordering: { name: string; direction: Direction };
}

const anchors = new LRUCache<string, Cursor>({ max: maxAnchors, ttl: ttlMs });

/** The cursor after this many rows of the list, if the page before was read recently. */
export const anchorAt = (listing: NumberedList, offset: number): Cursor | undefined =>
  anchors.get(keyOf(listing, offset));

/** Stores the cursor after this many rows of the list. */
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
