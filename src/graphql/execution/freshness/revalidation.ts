import {
  type DocumentNode,
  type ExecutionArgs,
  type ExecutionResult,
  type GraphQLSchema,
  getNamedType,
  getOperationAST,
  isLeafType,
  TypeInfo,
  visit,
  visitWithTypeInfo,
} from 'graphql';
import type { Plugin } from 'graphql-yoga';
import type { Context } from '../../../context.js';
import { etagOf, isNoneMatch } from '../../../lib/http/content/etag.js';
import { type Budget, costHeader } from '../../limits/budget.js';
import { withHeaders } from '../answer-headers.js';

export interface RevalidationOptions {
  /** A key for the current data of a workspace, which changes with every change. Undefined when there is none. */
  stateOf(workspaceId: string): Promise<string | undefined>;
  /** The same, but it may be slightly old. */
  recentStateOf(workspaceId: string): Promise<string | undefined>;
  budget: Pick<Budget, 'spendForEvent'>;
  /** The release of the gateway. Another release may answer differently from the same data. */
  release(): Promise<string>;
}

/**
 * Types whose data changes only with an event of the workspace, never with time alone. Their connections count too.
 * Responses with other types (keys with their last use, deliveries, values computed for today) get no ETag.
 */
const recorded = new Set([
  'Agent',
  'Campaign',
  'Channel',
  'Contact',
  'Conversation',
  'Customer',
  'Link',
  'Message',
  'MessageAttachment',
  'MessageAuthor',
  'MessageFailure',
  'Money',
  'PageInfo',
  'TrackedCustomer',
  'Workspace',
]);

/** Snoozes end without an event, so a response to a request that mentions them gets no ETag. */
const changesByTime = /snooze/i;

/** The cost of reading the outbox state. A 304 response costs nothing else. */
const lookPoints = 10;

/**
 * Gives responses to GET requests an ETag, and answers 304 if the client already has the current response. So a poll
 * costs one read of the outbox state as long as nothing changes. The state is read before the response is computed, so
 * the ETag is never newer than the response. An ETag that is too old only causes one full response at the next poll, so
 * a client without an ETag may get a slightly old one.
 */
export function revalidate({ stateOf, recentStateOf, budget, release }: RevalidationOptions): Plugin<Context> {
  const tags = new WeakMap<Request, string>();
  const remembered = new WeakMap<DocumentNode, boolean>();

  const isRecorded = ({ schema, document, operationName }: ExecutionArgs): boolean => {
    if (getOperationAST(document, operationName)?.operation !== 'query') return false;
    const known = remembered.get(document) ?? readsRecordedOnly(schema, document);
    remembered.set(document, known);
    return known;
  };

  const tagOf = async ({ caller, params, request }: TaggedContext): Promise<string | undefined> => {
    const asked = JSON.stringify([params.query, params.operationName, params.variables]);
    if (changesByTime.test(asked)) return undefined;
    const read = request.headers.has('if-none-match') ? stateOf : recentStateOf;
    const state = await read(caller.workspaceId);
    if (state === undefined) return undefined;
    const scopes = [...caller.scopes].sort().join();
    return etagOf(await release(), state, caller.keyId ?? '', scopes, asked, request.headers.get('accept') ?? '');
  };

  return {
    onExecute({ args, context, setResultAndStopExecution }) {
      const { request, caller } = context;
      if (request.method !== 'GET' || request.headers.has(costHeader) || !isRecorded(args)) return undefined;
      return tagOf(context).then(async (etag) => {
        if (etag === undefined) return;
        if (!isNoneMatch(request.headers.get('if-none-match'), etag)) return void tags.set(request, etag);
        await budget.spendForEvent(caller, lookPoints);
        const http = { status: 304, headers: headersWith(etag) };
        setResultAndStopExecution({ data: null, extensions: { http } });
      });
    },

    onExecutionResult({ request, result, setResult }) {
      const etag = tags.get(request);
      const answer = result as ExecutionResult;
      if (etag !== undefined && !answer.errors) setResult(withHeaders(answer, headersWith(etag)));
    },

    onResponse({ request, response, setResponse, fetchAPI }) {
      if (request.method !== 'GET' || !response.headers.get('content-type')?.includes('json')) return;
      if (!response.headers.has('etag')) return response.headers.set('Cache-Control', 'private, no-store');
      if (response.status !== 304) return;
      const headers = Object.fromEntries([...response.headers].filter(([name]) => !/^content-/i.test(name)));
      setResponse(new fetchAPI.Response(null, { status: 304, headers }));
    },
  };
}

type TaggedContext = Pick<Context, 'caller'> & Parameters<NonNullable<Plugin<Context>['onExecute']>>[0]['context'];

const headersWith = (etag: string): Record<string, string> => ({
  ETag: etag,
  'Cache-Control': 'private, no-cache',
  Vary: 'Authorization, Accept',
});

function readsRecordedOnly(schema: GraphQLSchema, document: DocumentNode): boolean {
  let isOnly = true;
  const types = new TypeInfo(schema);
  visit(
    document,
    visitWithTypeInfo(types, {
      Field() {
        const type = types.getType();
        const named = type && getNamedType(type);
        if (named && !isLeafType(named) && !isRecordedType(named.name)) isOnly = false;
      },
    }),
  );
  return isOnly;
}

const isRecordedType = (name: string): boolean =>
  name.startsWith('__') || recorded.has(name.replace(/(?:Connection|Edge)$/, ''));
