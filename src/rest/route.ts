import type { TypedDocumentNode } from '@graphql-typed-document-node/core';
import { Kind, print } from 'graphql';
import { z } from 'zod';
import {
  type GraphAnswer,
  type GraphError,
  headersOf,
  type ReadScope,
  type Scope,
  type Session,
  statusOf,
} from './graph.js';
import { read, singleValues, withoutEmpty } from './input.js';
import { placeholdersOf } from './placeholders.js';

export type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';

/** The response of a route. Without `body` the response has none. */
export interface Reply {
  status: number;
  body?: object;
  headers?: Readonly<Record<string, string>>;
}

/** A request for a route. */
export interface Call {
  session: Session;
  /** The path parameters, decoded. */
  path: Readonly<Record<string, string>>;
  query: URLSearchParams;
  /** Reads and parses the JSON body. @throws HttpError */
  readBody(): Promise<unknown>;
  idempotencyKey: string | undefined;
  /** For a GET: the If-None-Match header, empty without one. */
  ifNoneMatch?: string;
}

/** One response of a route, for the documentation. */
export interface ResponseSpec {
  status: number;
  description: string;
  /** Absent if the response has no body. */
  schema?: z.ZodType;
  example?: unknown;
}

/** The documented properties of a route. */
export interface RouteSpec {
  method: Method;
  /** With parameters in braces, such as "/v1/customers/{id}". */
  path: string;
  /** The name of the route, unique in the shim. */
  id: string;
  tag: string;
  summary: string;
  /** Which keys may use the route, in words. */
  access: string;
  pathParameters: z.ZodObject;
  queryParameters: z.ZodObject;
  body?: z.ZodType;
  bodyExample?: unknown;
  responses: readonly ResponseSpec[];
  /** One of these scopes is required. Given where the vendor's scopes differ from those of the graph. */
  scopes?: readonly Scope[];
  /**
   * The scopes whose data the response shows even to keys without them, because the vendor's document says so. The
   * document selects no more than the response needs. None when left out.
   */
  shows?: readonly ReadScope[];
  /** Whether it changes data, regardless of its method. */
  writes: boolean;
  /** The equivalent GraphQL operation, such as "query customers". */
  operation: string;
}

/** The GraphQL operation of a route, ready to be sent. */
export interface GraphqlExample {
  document: string;
  /**
   * The variables for the examples of the route, with placeholders for ids. Absent when the examples make no valid
   * request.
   */
  variables?: unknown;
}

export interface Route extends RouteSpec {
  serve(call: Call): Promise<Reply>;
  inGraphql(): GraphqlExample;
}

interface Input<Path extends z.ZodObject, Query extends z.ZodObject, Body extends z.ZodType> {
  path: z.output<Path>;
  query: z.output<Query>;
  body: z.output<Body>;
}

interface RouteOptions<Path extends z.ZodObject, Query extends z.ZodObject, Body extends z.ZodType, Data, Variables>
  extends Omit<RouteSpec, 'pathParameters' | 'queryParameters' | 'body' | 'operation' | 'writes'> {
  pathParameters: Path;
  queryParameters: Query;
  body?: Body;
  document: TypedDocumentNode<Data, Variables>;
  /** @throws HttpError if the caller lacks access, or if the path belongs to another workspace. */
  authorise(session: Session, path: Readonly<Record<string, string>>): void | Promise<void>;
  /** Whether the variables contain the current time, so that they differ when the same request is repeated. */
  readsClock?: true;
  variables(input: Input<Path, Query, Body>, session: Pick<Session, 'holds' | 'workspaceCurrency'>): Variables;
  /** Converts the data to a response. @throws HttpError if the data contains an error. */
  reply(data: Data, session: Session, input: Input<Path, Query, Body>): Reply;
  /** Converts errors of the graph to the error of this route. */
  refuse(errors: readonly GraphError[]): Error;
}

/** A route. It parses the request, runs its one document, and converts the result to the form that callers expect. */
export function defineRoute<
  Path extends z.ZodObject,
  Query extends z.ZodObject,
  Data,
  Variables,
  Body extends z.ZodType = z.ZodUndefined,
>(options: RouteOptions<Path, Query, Body, Data, Variables>): Route {
  const { document, authorise, readsClock, variables, reply, refuse, ...spec } = options;
  const { pathParameters, queryParameters, body, scopes, shows } = spec;
  /** @throws the route's refusal for a key that has none of its scopes or may not run its document. */
  const requireScopes = ({ holds, ...session }: Session): void => {
    if (scopes && !scopes.some((scope) => holds(scope))) {
      const message = `This key lacks the scope ${scopes.join(' or ')}.`;
      throw refuse([{ message, extensions: { code: 'FORBIDDEN' } }]);
    }
    try {
      session.requireScopes(document, shows);
    } catch (error) {
      throw refuse([error as GraphError]);
    }
  };
  const operation = operationOf(document);
  const writes = operation.startsWith('mutation ');
  return {
    ...spec,
    operation,
    writes,
    async serve({ session, path, query, readBody, idempotencyKey, ifNoneMatch }) {
      await authorise(session, path);
      requireScopes(session);
      const input = {
        path: read(pathParameters, path, 404),
        query: read(queryParameters, withoutEmpty(queryParameters, singleValues(queryParameters, query))),
        body: body && read(body, await readBody()),
      } as Input<Path, Query, Body>;
      // For If-None-Match: *, whether the object exists is known only after the query.
      const hasAny = ifNoneMatch?.trim() === '*';
      const asked = readsClock && input;
      const run = { idempotencyKey, asked, shows, ...(!writes && { ifNoneMatch: hasAny ? '' : ifNoneMatch }) };
      const answer = await session.run(document, variables(input, session), run);
      const headers = headersOf(answer);
      if (statusOf(answer) === 304) return { status: 304, headers };
      const answered = reply(dataOf(answer, refuse), session, input);
      return hasAny && headers.ETag !== undefined ? { status: 304, headers } : { ...answered, headers };
    },
    inGraphql() {
      const path = pathParameters.safeParse(placeholdersOf(pathParameters));
      const query = queryParameters.safeParse(placeholdersOf(queryParameters));
      const sent = body?.safeParse(options.bodyExample);
      const text = print(document);
      if (!path.success || !query.success || sent?.success === false) return { document: text };
      const input = { path: path.data, query: query.data, body: sent?.data } as Input<Path, Query, Body>;
      return { document: text, variables: variables(input, { holds: () => true, workspaceCurrency: null }) };
    },
  };
}

function dataOf<Data>({ data, errors }: GraphAnswer<Data>, refuse: (errors: readonly GraphError[]) => Error): Data {
  if (errors && errors.length > 0) throw refuse(errors);
  if (data == null) throw new Error('The graph answered neither data nor errors.');
  return data;
}

/** The kind and the first field of the operation, such as "query customers". */
function operationOf({ definitions }: TypedDocumentNode<unknown, never>): string {
  const operation = definitions.find((definition) => definition.kind === Kind.OPERATION_DEFINITION);
  const [field] = operation?.selectionSet.selections ?? [];
  if (!operation || field?.kind !== Kind.FIELD) throw new Error('A route runs an operation that selects a field.');
  return `${operation.operation} ${field.name.value}`;
}

export const none = z.object({});
