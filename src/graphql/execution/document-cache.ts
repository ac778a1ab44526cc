import { LRUCache } from 'lru-cache';

const maxDocuments = 1_000;
/** Parsed and compiled, a dense document takes a hundred times the memory of its text, so all take some 100 MB at most. */
const maxCharacters = 1_024 * 1_024;
const maxDocumentCharacters = 32 * 1_024;

interface DocumentCache<Value> {
  get(text: string): Value | undefined;
  set(text: string, value: Value): void;
}

/**
 * Remembers what came of parsing a document, by its text: at most 1,000 documents of a million characters in all. One
 * of more than 32,768 characters has values written into it and never comes again, so it is not kept.
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
      // An empty text has no size, which the cache refuses.
      if (text !== '') cache.set(text, value);
    },
  };
}
