import { z } from 'zod';
import { badInput } from '../../errors.js';
import { isDocumentId } from '../../lib/text/document-id.js';

/** An operation of a manifest. */
export interface ManifestEntry {
  id: string;
  text: string;
}

/** The format of `@apollo/generate-persisted-query-manifest`. */
const apolloManifest = z.object({
  format: z.literal('apollo-persisted-query-manifest'),
  version: z.literal(1),
  operations: z.array(z.object({ id: z.string(), body: z.string() })),
});

/** The format of relay-compiler and graphql-codegen: documents by their ids. */
const byId = z.record(z.string(), z.string());

/**
 * The operations of a manifest in any of the three formats.
 * @throws BAD_USER_INPUT when it has another format or no operations.
 */
export function readManifest(json: string): ManifestEntry[] {
  const entries = entriesOf(parsed(json));
  if (entries.length === 0) throw badInput(['file'], 'The manifest holds no operations.');
  const wrong = entries.find(({ id }) => !isDocumentId(id));
  if (wrong) throw badInput(['file'], `${JSON.stringify(wrong.id.slice(0, 80))} is no id of a document.`);
  return entries;
}

function parsed(json: string): unknown {
  try {
    return JSON.parse(json.replace(/^\uFEFF/, ''));
  } catch {
    throw badInput(['file'], 'The manifest is no JSON.');
  }
}

function entriesOf(value: unknown): ManifestEntry[] {
  const apollo = apolloManifest.safeParse(value);
  if (apollo.success) return apollo.data.operations.map(({ id, body }) => ({ id, text: body }));
  const texts = byId.safeParse(value);
  if (texts.success) return Object.entries(texts.data).map(([id, text]) => ({ id, text }));
  throw badInput(
    ['file'],
    'The manifest is neither of relay-compiler or graphql-codegen (ids with texts) nor of @apollo/generate-persisted-query-manifest.',
  );
}
