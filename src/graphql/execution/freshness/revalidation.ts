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
  /** The state of what a workspace has recorded; undefined when it cannot be told. Each change makes another one. */
  stateOf(workspaceId: string): Promise<string | undefined>;
  /** The same, or that of a moment ago. */
  recentStateOf(workspaceId: string): Promise<string | undefined>;
  budget: Pick<Budget, 'spendForEvent'>;
  /** Which code answers: the same state may read otherwise in the next release. */
  release(): Promise<string>;
}

/**
 * What changes only with an event of its workspace, and not by the passing of time: connections of these as well. The rest
 * (keys with their last use, deliveries, what is computed for today) is made anew each time.
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

/** Snoozes end without an event, so what asks for them, in the text or in the variables, is made anew each time. */
const changesByTime = /snooze/i;

/** A look at the outbox, which is all that an answer costs that the client has. */
const lookPoints = 10;

/**
 * Gives answers to GET requests a validator, and answers 304 to who has the answer of the present state: a poll costs one
 * look at the outbox as long as nothing happens. The validator is read before the answer, so that it is never newer. One that is
 * older makes the next poll ask in full, so who has no answer yet may get that of a moment ago.
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
