import { LRUCache } from 'lru-cache';

const maxDocuments = 1_000;
/**
 * A dense document needs about a hundred times the memory of its text when parsed and compiled, so this limits the
 * cache to about 100 MB.
 */
const maxCharacters = 1_024 * 1_024;
const maxDocumentCharacters = 32 * 1_024;

interface DocumentCache<Value> {
  get(text: string): Value | undefined;
  set(text: string, value: Value): void;
}

/**
 * Caches a value per document text: at most 1,000 documents of a million characters in all. A document of more than
 * 32,768 characters usually contains literal values and is not sent again, so it is not cached.
 */
export function documentCache<Value extends object>(): DocumentCache<Value> {
  const cache = new LRUCache<string, Value>({
    max: maxDocuments,
    maxSize: maxCharacters,
    maxEntrySize: maxDocumentCharacters,
    sizeCalculation: (_value, text) => text.length,
  });
  return {
    get: (text) => cache.get(text),
    set: (text, value) => {
      // The cache refuses entries of size 0, such as the empty text.
      if (text !== '') cache.set(text, value);
    },
  };
}
