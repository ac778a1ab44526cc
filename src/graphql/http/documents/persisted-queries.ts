import { createHash } from 'node:crypto';
import { GraphQLError } from 'graphql';
import type { Plugin } from 'graphql-yoga';
import type { Caller } from '../../../auth/caller.js';
import type { Context } from '../../../context.js';
import type { CacheStore } from '../../../lib/process/cache.js';

/**
 * The store of queries by their hash. When absent, queries are not stored and clients are told to send the whole text.
 */
export type QueryStore = Pick<CacheStore, 'read' | 'write'>;

/** Longer queries are run but not stored, so that a few of them cannot fill the store. */
const maxKeptLength = 64 * 1_024;

/**
 * Automatic persisted queries by the protocol of Apollo: a client sends the SHA-256 of a query instead of its text, and
 * sends both when it is told that the hash is unknown. Clients recognise that by the messages and codes of the errors,
 * with status 200.
 */
export function persistQueries(store: QueryStore | undefined): Plugin<object, Context> {
  const textOf = async (hash: string, { caller, services }: Context): Promise<string> => {
    const [known] = (await store?.read([keyOf(caller, hash)])) ?? [];
    const text = known ? Buffer.from(known).toString() : await services.trustedDocuments.find(caller, hash);
    if (text !== undefined) return text;
    if (!store) throw refusal('PersistedQueryNotSupported', 'PERSISTED_QUERY_NOT_SUPPORTED', 200);
    throw refusal('PersistedQueryNotFound', 'PERSISTED_QUERY_NOT_FOUND', 200);
  };

  const keep = (hash: string, query: string, caller: Caller): void => {
    if (!store) return;
    if (createHash('sha256').update(query).digest('hex') !== hash) {
      throw refusal('provided sha does not match query', 'BAD_REQUEST', 400);
    }
    if (query.length <= maxKeptLength) store.write([[keyOf(caller, hash), Buffer.from(query)]]);
  };

  return {
    onParams({ params, setParams, context }) {
      const persisted: unknown = params.extensions?.persistedQuery;
      if (persisted === undefined || persisted === null) return undefined;
      const { version, sha256Hash: hash } = persisted as { version?: unknown; sha256Hash?: unknown };
      if (version !== 1) throw refusal('Unsupported persisted query version', 'BAD_REQUEST', 400);
      if (typeof hash !== 'string' || !/^[0-9a-f]{64}$/.test(hash)) {
        throw refusal('extensions.persistedQuery.sha256Hash must be a SHA-256 in hexadecimal.', 'BAD_REQUEST', 400);
      }
      const query: unknown = params.query || undefined;
      if (query === undefined) return textOf(hash, context).then((text) => setParams({ ...params, query: text }));
      // A query that is not a string is refused later.
      if (typeof query === 'string') keep(hash, query, context.caller);
      return undefined;
    },
  };
}

/**
 * The key contains the workspace, because a text may contain names of people, and a known hash would reveal that
 * another workspace sent it.
 */
const keyOf = ({ workspaceId }: Caller, hash: string): string => `deskgraph:query:${workspaceId}:${hash}`;

const refusal = (message: string, code: string, status: number): GraphQLError =>
  new GraphQLError(message, { extensions: { code, http: { status } } });
