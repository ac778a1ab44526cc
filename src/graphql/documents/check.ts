import { type DocumentNode, GraphQLError, Kind, parse, validate } from 'graphql';
import { badInput } from '../../errors.js';
import { schema } from '../schema.js';
import type { ManifestEntry } from './manifest.js';

/** An operation that the graph can run. */
export interface CheckedDocument extends ManifestEntry {
  /** The name of its operation. */
  name: string | null;
}

const maxDocumentLength = 100_000;
const maxTokens = 4_000;

/**
 * Checks documents that each contain one operation, which must be valid here.
 * @throws BAD_USER_INPUT for the first invalid one.
 */
export const checkDocuments = (entries: readonly ManifestEntry[]): CheckedDocument[] =>
  entries.map((entry) => ({ ...entry, name: nameOf(entry) }));

function nameOf({ id, text }: ManifestEntry): string | null {
  const refuse = (reason: string) => badInput(['file'], `Document ${id}: ${reason}`);
  if (text.length > maxDocumentLength) throw refuse(`It has more than ${maxDocumentLength} characters.`);
  const document = read(text, refuse);
  const operations = document.definitions.filter((one) => one.kind === Kind.OPERATION_DEFINITION);
  const [operation, ...others] = operations;
  if (!operation || others.length > 0) throw refuse(`It holds ${operations.length} operations instead of one.`);
  const [error] = validate(schema, document, undefined, { maxErrors: 1 });
  if (error) throw refuse(error.message);
  return operation.name?.value ?? null;
}

function read(text: string, refuse: (reason: string) => Error): DocumentNode {
  try {
    return parse(text, { maxTokens });
  } catch (error) {
    if (error instanceof GraphQLError) throw refuse(error.message);
    throw error;
  }
}
