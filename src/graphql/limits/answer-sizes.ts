import type { DocumentNode } from 'graphql';

/** How large the answers of an operation are, as far as they have shown it. */

/** What one is taken for that was never answered: so much that few of them are made at once. */
const unknownBytes = 4 * 1_024 * 1_024;

/** Documents are cached by their text, and an entry goes when its document does. */
const seen = new WeakMap<DocumentNode, number>();

export const expectedBytes = (document: DocumentNode): number => seen.get(document) ?? unknownBytes;

/** A large answer is remembered for some smaller ones, since variables may make the next one large again. */
export function noteBytes(document: DocumentNode, bytes: number): void {
  seen.set(document, Math.max(bytes, (seen.get(document) ?? 0) * 0.9));
}
