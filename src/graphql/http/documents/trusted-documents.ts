import { GraphQLError } from 'graphql';
import type { Plugin } from 'graphql-yoga';
import type { Context } from '../../../context.js';

/** The parameters that can contain a document id: that of GraphQL over HTTP, and the two of Relay. */
export const idParameters = ['documentId', 'doc_id', 'id'] as const;

type Asked = Pick<Context, 'caller' | 'services'>;

/** The parameters of a request that identify its document. */
interface Params extends Partial<Record<(typeof idParameters)[number], unknown>> {
  query?: string | null | undefined;
  extensions?: Readonly<Record<string, unknown>> | null | undefined;
}

/**
 * Runs documents that are registered in the workspace, by their ids. Keys that may run only such documents are refused
 * anything else; for them, a hash of Apollo's protocol is also an id. For other keys a hash is looked up here only if
 * no query is stored under it.
 */
export const runTrustedDocuments: Plugin<object, Context> = {
  onRequestParse({ request, url, requestParser, setRequestParser }) {
    if (request.method !== 'GET' || !requestParser || !request.url.includes('documentId=')) return;
    const documentId = url.searchParams.get('documentId');
    setRequestParser(async (parsed) => Object.assign(await requestParser(parsed), { documentId }));
  },
  onParams({ params, setParams, context }) {
    const { onlyTrustedDocuments } = context.caller;
    if (!onlyTrustedDocuments && idIn(params) === undefined) return undefined;
    return withTrustedText(context, params).then(setParams);
  },
};

/**
 * The request with the text of the document that it names. `takesHash` is true where persisted queries are not
 * available.
 * @throws DOCUMENT_NOT_FOUND, DOCUMENT_NOT_TRUSTED, BAD_REQUEST when the request has a different text.
 */
export async function withTrustedText<Given extends Params>(
  { caller, services }: Asked,
  params: Given,
  { takesHash = caller.onlyTrustedDocuments } = {},
): Promise<Given> {
  const query = params.query || undefined;
  const hash = takesHash && (caller.onlyTrustedDocuments || !query) ? hashIn(params) : undefined;
  const id = idIn(params) ?? hash;
  if (id === undefined) {
    if (!caller.onlyTrustedDocuments) return params;
    throw refusal('This key runs trusted documents alone; send the documentId of one.', 'DOCUMENT_NOT_TRUSTED', 403);
  }
  if (typeof id !== 'string') throw refusal('The id of a document must be a text.', 'BAD_REQUEST', 400);
  const text = await services.trustedDocuments.find(caller, id);
  if (text === undefined) throw refusal('The workspace has no document with this id.', 'DOCUMENT_NOT_FOUND', 404);
  if (query !== undefined && query !== text) {
    throw refusal('The id stands for another document than the query.', 'BAD_REQUEST', 400);
  }
  const { persistedQuery: _persistedQuery, ...extensions } = params.extensions ?? {};
  const named = Object.fromEntries(idParameters.map((name) => [name, undefined]));
  return { ...params, ...named, query: text, extensions };
}

/** An empty id counts as none. */
const idIn = (params: Params): unknown =>
  [params.documentId, params.doc_id, params.id].find((id) => id != null && id !== '');

const hashIn = ({ extensions }: Params): unknown =>
  (extensions?.persistedQuery as { sha256Hash?: unknown } | null | undefined)?.sha256Hash;

const refusal = (message: string, code: string, status: number): GraphQLError =>
  new GraphQLError(message, { extensions: { code, http: { status } } });
