import type { DocumentNode } from 'graphql';
import type { Plugin } from 'graphql-yoga';
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

/**
 * Validates each cached document once. The server's own cache does the same, but looks up the result by the names of all
 * rules, which takes longer than everything else in the validation of a known document. Here the rules never change.
 */
export function validateOnce(): Plugin {
  const results = new WeakMap<DocumentNode, readonly Error[]>();
  return {
    onValidate({ params: { documentAST }, setResult }) {
      const known = results.get(documentAST);
      if (known) {
        setResult(known);
        return undefined;
      }
      return ({ result }) => void results.set(documentAST, result);
    },
  };
}
