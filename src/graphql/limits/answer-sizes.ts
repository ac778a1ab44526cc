import type { DocumentNode } from 'graphql';

/** Estimates the size of an operation's response from earlier responses. */

/** The estimate for an operation without an earlier response. It is large, so that few of these run at once. */
const unknownBytes = 4 * 1_024 * 1_024;

/** Documents are cached by their text. An entry is released together with its document. */
const seen = new WeakMap<DocumentNode, number>();

export const expectedBytes = (document: DocumentNode): number => seen.get(document) ?? unknownBytes;

/**
 * The estimate decreases slowly after a large response, because other variables can make the next response large again.
 */
export function noteBytes(document: DocumentNode, bytes: number): void {
  seen.set(document, Math.max(bytes, (seen.get(document) ?? 0) * 0.9));
}
