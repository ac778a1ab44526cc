import type { IncomingMessage, ServerResponse } from 'node:http';
import { type BodyReader, createBodyReader } from '../lib/http/body.js';
import { coded, codingFor, isWorthCoding } from '../lib/http/content/coding.js';
import { bearerToken, type SenderOf } from '../lib/http/sender.js';
import { InexactJson } from '../lib/json/exact-json.js';
import { ExcessiveJson, isPlain, maxJsonValues, parseJsonBody } from '../lib/json/json.js';
import { noteError, noteRoute } from '../lib/observe/request.js';
import type { Log } from '../lib/process/log.js';
import { cstar } from './cstar/dialect.js';
import type { Dialect } from './dialect.js';
import type { GraphError, OpenSession, Session } from './graph.js';
import { HttpError } from './http-error.js';
import { linquid } from './linquid/dialect.js';
import { type OpenApiDescription, openApiOf } from './openapi.js';
import type { Call, Method, Reply, Route } from './route.js';
import { createRouter, type RouteMatch } from './router.js';
import { tidysupport } from './tidysupport/dialect.js';

/** The REST shim: the endpoints of other systems, implemented with the graph. */
export interface Rest {
  /** Whether the path belongs to the shim. */
  handles(path: string): boolean;
  /** The OpenAPI description of all routes, created anew by each call. */
  describe(): OpenApiDescription;
  answer(request: IncomingMessage, response: ServerResponse): Promise<void>;
}

export interface RestOptions {
  /** The path below which everything is served; empty if there is none. */
  basePath: string;
  openSession: OpenSession;
  senderOf: SenderOf;
  log: Log;
  /** The maximum size of a request body, in bytes. */
  maxBodyBytes: number;
}

/** The response header with the equivalent GraphQL operation. */
const operationHeader = 'X-Deskgraph-Operation';

/** How many bodies of the maximum size fit into memory at once. */
const largestBodiesUnderWay = 16;

export const allDialects: readonly Dialect[] = [tidysupport, cstar, ...linquid];

export function createRest({ basePath, openSession, senderOf, log, maxBodyBytes }: RestOptions): Rest {
  const bodies = createBodyReader(maxBodyBytes, largestBodiesUnderWay * maxBodyBytes);
  const dialects = allDialects.map((dialect) => ({ dialect, find: createRouter(dialect.routes) }));
  const dialectOf = (path: string) =>
    dialects.find(({ dialect: { prefix } }) => path === prefix || path.startsWith(`${prefix}/`));

  const open = async (
    request: IncomingMessage,
    response: ServerResponse,
    { httpErrorOf, keyHeader, hasRateHeaders }: Dialect,
  ): Promise<Session> => {
    const key = keyOf(request, keyHeader);
    try {
      const session = await openSession(key, response, senderOf(request));
      if (hasRateHeaders) setRateHeaders(response, session);
      session.admit();
      return session;
    } catch (error) {
      const { status, message, headers, about } = httpErrorOf([error as GraphError]);
      throw new HttpError(status, message, headers, { ...about, isMissing: key === undefined });
    }
  };

  const serve = async (
    request: IncomingMessage,
    response: ServerResponse,
    dialect: Dialect,
    { path }: RouteMatch,
    route: Route,
    query: string,
  ): Promise<Reply> => {
    const session = await open(request, response, dialect);
    const body = bodyOf(request, session.workspaceId, bodies, maxBodyBytes);
    const idempotencyKey = request.headers['idempotency-key']?.toString();
    const call: Call = {
      session,
      path,
      query: new URLSearchParams(query),
      idempotencyKey,
      ...(methodOf(request) === 'GET' && { ifNoneMatch: request.headers['if-none-match'] ?? '' }),
      readBody: body.read,
    };
    try {
      return await route.serve(call);
    } catch (error) {
      session.chargeRefused(Number(request.headers['content-length'] ?? 0));
      throw error;
    } finally {
      body.release();
      if (dialect.hasRateHeaders) setRateHeaders(response, session);
    }
  };

  /** A request without a route also gets the rate limit headers, as other refusals do. */
  const tellRate = async (request: IncomingMessage, response: ServerResponse, dialect: Dialect): Promise<void> => {
    const key = keyOf(request, dialect.keyHeader);
    const session = key === undefined ? undefined : await openSession(key, response, senderOf(request)).catch(() => {});
    if (session) setRateHeaders(response, session);
  };

  return {
    handles: (path) => dialectOf(path) !== undefined,
    describe: () => openApiOf(allDialects, basePath),

    async answer(request, response) {
      const [path = '', query = ''] = (request.url ?? '').split(/\?(.*)/s);
      const found = dialectOf(path);
      if (!found) return void response.writeHead(404).end();
      const { dialect, find } = found;
      const place = find(path);
      const route = place && routeOf(request, place);
      noteRoute(place?.pattern ?? `${dialect.prefix}/*`);
      if (route) response.setHeader(operationHeader, route.operation);
      try {
        if (!route && dialect.hasRateHeaders) await tellRate(request, response, dialect);
        if (!place) throw new HttpError(404, `Cannot ${request.method} ${path}`);
        if (!route) throw otherMethod(request, place);
        await send(request, response, await serve(request, response, dialect, place, route, query));
      } catch (error) {
        if (response.destroyed) return;
        const refusal = error instanceof HttpError ? error : dialect.httpErrorOf([unexpected]);
        if (refusal !== error) log.error({ err: error }, `${request.method} ${route?.path} failed.`);
        const { status, headers } = refusal;
        if (refusal !== error) noteError('INTERNAL_SERVER_ERROR');
        await send(request, response, { status, headers, body: dialect.errorBody(refusal) });
      }
    },
  };
}

const unexpected: GraphError = {
  message: 'Something went wrong on our side.',
  extensions: { code: 'INTERNAL_SERVER_ERROR' },
};

/** The key from Authorization, or from the dialect's own header. */
function keyOf({ headers }: IncomingMessage, keyHeader: string | undefined): string | undefined {
  const bearer = bearerToken(headers.authorization);
  if (bearer !== undefined || keyHeader === undefined) return bearer;
  return headers[keyHeader.toLowerCase()]?.toString().trim() || undefined;
}

/**
 * The headers count points; a request takes as many as its operation costs. Times are whole seconds; the reset time is
 * in seconds since 1970.
 */
function setRateHeaders(response: ServerResponse, session: Session): void {
  const { limit, remaining, resetSeconds, windowSeconds } = session.rate();
  response.setHeader('X-RateLimit-Limit', limit);
  response.setHeader('X-RateLimit-Remaining', remaining);
  response.setHeader('X-RateLimit-Reset', Math.ceil(Date.now() / 1_000 + resetSeconds));
  response.setHeader('X-RateLimit-Window', Math.ceil(windowSeconds));
}

/** HEAD is handled like GET. Node leaves out the body of the response. */
const methodOf = ({ method }: IncomingMessage): Method => (method === 'HEAD' ? 'GET' : method) as Method;

function routeOf(request: IncomingMessage, { methods }: RouteMatch): Route | undefined {
  const route = methods.get(methodOf(request));
  // A HEAD request must not change anything.
  return request.method === 'HEAD' && route?.writes ? undefined : route;
}

function otherMethod(request: IncomingMessage, { methods }: RouteMatch): HttpError {
  const allowed = [...methods].flatMap(([method, { writes }]) =>
    method === 'GET' && !writes ? ['GET', 'HEAD'] : [method],
  );
  return new HttpError(405, `Method ${request.method} is not allowed here.`, { Allow: allowed.join(', ') });
}

/** A request without a body is parsed like one with an empty object. */
const nothing = {};

const isWithoutBody = ({ headers }: IncomingMessage): boolean =>
  headers['transfer-encoding'] === undefined && Number(headers['content-length'] ?? 0) === 0;

/**
 * The limits of a body. The graph refuses variables that nest deeper than 32 with a message of its own, so bodies are
 * refused before.
 */
const bodyBounds = { depth: 30, values: maxJsonValues };

/** @throws HttpError */
function parse(body: Buffer): unknown {
  if (body.length === 0) return nothing;
  try {
    return parseJsonBody(body, bodyBounds);
  } catch (error) {
    if (error instanceof InexactJson) {
      const name = error.path.join('.');
      throw new HttpError(400, `${name || 'The request body'} ${error.message}.`, {}, name ? { param: name } : {});
    }
    const fault = error instanceof ExcessiveJson ? error.message : 'is not valid JSON';
    throw new HttpError(400, `The request body ${fault}.`);
  }
}

/** Reads the body when the route needs it. `release` frees the memory reserved for it. */
function bodyOf(request: IncomingMessage, workspaceId: string, bodies: BodyReader, maxBytes: number) {
  let release = (): void => {};
  const read = async (): Promise<unknown> => {
    if (isWithoutBody(request)) return nothing;
    const type = request.headers['content-type'];
    if (!/^application\/json *(;|$)/i.test(type ?? '')) {
      throw new HttpError(415, 'The request body must be sent as application/json.');
    }
    if (!isPlain(request.headers['content-encoding'])) {
      throw new HttpError(415, 'The request body must not be compressed.', { 'Accept-Encoding': 'identity' });
    }
    const received = await bodies.read(request, workspaceId);
    if (received === 'TOO_LARGE') {
      throw new HttpError(413, `The request body must have at most ${maxBytes} bytes.`);
    }
    if (received === 'FULL') {
      throw new HttpError(503, 'Too many large requests are under way; try again.', { 'Retry-After': '2' });
    }
    release = received.release;
    return parse(received.body);
  };
  return { read, release: () => release() };
}

async function send(
  request: IncomingMessage,
  response: ServerResponse,
  { status, body, headers = {} }: Reply,
): Promise<void> {
  const vary = [headers.Vary, 'Accept-Encoding'].filter((name) => name !== undefined).join(', ');
  const all = { 'Cache-Control': 'no-store', ...headers, Vary: vary };
  if (!body) return void response.writeHead(status, all).end();
  const shown = { 'Content-Type': 'application/json; charset=utf-8', ...all };
  const text = JSON.stringify(body);
  const coding = isWorthCoding(text.length) ? codingFor(request.headers['accept-encoding']) : undefined;
  if (!coding) return void response.writeHead(status, shown).end(text);
  const bytes = await coded(coding, text);
  response.writeHead(status, { ...shown, 'Content-Encoding': coding }).end(bytes);
}
