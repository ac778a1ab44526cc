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

/** What a route answers; without a body there is none. */
export interface Reply {
  status: number;
  body?: object;
  headers?: Readonly<Record<string, string>>;
}

/** A request that found its route. */
export interface Call {
  session: Session;
  /** The parts of the path that the route names, decoded. */
  path: Readonly<Record<string, string>>;
  query: URLSearchParams;
  /** The JSON of the body. @throws HttpError */
  readBody(): Promise<unknown>;
  idempotencyKey: string | undefined;
  /** For a GET: its If-None-Match, empty without one. */
  ifNoneMatch?: string;
}

/** One way to answer, for the documentation. */
export interface ResponseSpec {
  status: number;
  description: string;
  /** Absent: without a body. */
  schema?: z.ZodType;
  example?: unknown;
}

/** What the documentation tells of a route. */
export interface RouteSpec {
  method: Method;
  /** With names in braces, such as "/v1/customers/{id}". */
  path: string;
  /** The name of the route, unique in the shim. */
  id: string;
  tag: string;
  summary: string;
  /** Whom the route serves. */
  access: string;
  pathParameters: z.ZodObject;
  queryParameters: z.ZodObject;
  body?: z.ZodType;
  bodyExample?: unknown;
  responses: readonly ResponseSpec[];
  /** One of these scopes is enough. Given where the vendor's scopes differ from those of the graph. */
  scopes?: readonly Scope[];
  /**
   * What the response shows to keys without these scopes, because the vendor's document says so. The document selects
   * no more than the response needs. Nothing when left out.
   */
  shows?: readonly ReadScope[];
  /** Whether it changes something, whatever its method. */
  writes: boolean;
  /** The GraphQL operation that gives the same, such as "query customers". */
  operation: string;
}

/** The GraphQL operation of a route as somebody can send it. */
export interface GraphqlExample {
  document: string;
  /** For the examples of the route, with placeholders where it names something; absent when they make no request. */
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
  /** @throws HttpError when the caller may not, or the path leads to another workspace. */
  authorise(session: Session, path: Readonly<Record<string, string>>): void | Promise<void>;
  /** Whether the variables contain the current time, so that they differ when the same request is repeated. */
  readsClock?: true;
  variables(input: Input<Path, Query, Body>, session: Pick<Session, 'holds' | 'workspaceCurrency'>): Variables;
  /** @throws HttpError for what the data says is wrong. */
  reply(data: Data, session: Session, input: Input<Path, Query, Body>): Reply;
  /** The error of this route for errors of the graph. */
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

/** The kind of the operation and the field of the graph that it asks for. */
function operationOf({ definitions }: TypedDocumentNode<unknown, never>): string {
  const operation = definitions.find((definition) => definition.kind === Kind.OPERATION_DEFINITION);
  const [field] = operation?.selectionSet.selections ?? [];
  if (!operation || field?.kind !== Kind.FIELD) throw new Error('A route runs an operation that selects a field.');
  return `${operation.operation} ${field.name.value}`;
}

export const none = z.object({});
