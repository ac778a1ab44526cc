/** Observes requests from their arrival to their end: assigns an id, writes the access log, and updates the metrics. */
import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http';
import type { Log } from '../process/log.js';
import * as meters from './meters.js';
import { notesOf, type RequestNotes, requestIdOf } from './request.js';
import { tracing } from './tracing.js';

/** The header with the request id, in requests and in every response. */
export const requestIdHeader = 'X-Request-Id';

export interface Observer {
  /**
   * Observes a request until its response is sent or its client has disconnected. `isQuiet`: its log line has the level
   * debug.
   */
  request(request: IncomingMessage, response: ServerResponse, isQuiet: boolean): RequestNotes;
  /** Observes an operation of a WebSocket. `end` must be called once. */
  operation(id: string, headers: IncomingHttpHeaders): Observed;
}

export interface Observed {
  notes: RequestNotes;
  end(): void;
}

export interface ObserverOptions {
  log: Log;
  /** Whether there is an access log. */
  accessLog: boolean;
}

export function createObserver({ log, accessLog }: ObserverOptions): Observer {
  const write = (notes: RequestNotes, of: object, ms: number, isQuiet = false): void => {
    const level = isQuiet ? 'debug' : 'info';
    if (accessLog && log.isLevelEnabled(level))
      log[level](lineOf(notes, of, ms, log.isLevelEnabled('debug')), 'request');
  };

  return {
    request(request, response, isQuiet) {
      const notes = notesOf(requestIdOf(request.headers['x-request-id']));
      const begunAt = performance.now();
      const { method = '', socket } = request;
      const bytesBefore = socket.bytesWritten;
      response.setHeader(requestIdHeader, notes.id);
      if (!isQuiet) beginSpan(notes, method, request.headers);
      response.once('close', () => {
        const ms = performance.now() - begunAt;
        const { statusCode: status, writableFinished: isWhole } = response;
        const bytes = socket.bytesWritten - bytesBefore;
        // A request that is refused outside of the graph has no error code, so the status is used.
        if (status >= 400 && notes.errors.size === 0) notes.errors.add(`HTTP_${status}`);
        endSpan(notes, method, status);
        write(notes, { method, status, bytes, ...(!isWhole && { aborted: true }) }, ms, isQuiet);
        if (isQuiet) return;
        const route = routeOf(notes);
        if (isWhole) meters.httpDuration.observe({ method, route, status }, ms / 1_000);
        else meters.abortedRequests.inc();
        // REST routes run an operation of their own, which is counted there.
        count(notes, request.headers, route === '/graphql' ? 'http' : undefined, ms);
      });
      return notes;
    },
    operation(id, headers) {
      const notes = notesOf(id);
      notes.route = '/graphql';
      beginSpan(notes, 'WEBSOCKET', headers);
      const begunAt = performance.now();
      let hasEnded = false;
      return {
        notes,
        end() {
          if (hasEnded) return;
          hasEnded = true;
          const ms = performance.now() - begunAt;
          endSpan(notes, 'WEBSOCKET');
          write(notes, { method: 'WEBSOCKET' }, ms);
          count(notes, headers, 'websocket', ms);
        },
      };
    },
  };
}

const routeOf = ({ route = 'other' }: RequestNotes): string => route;

/**
 * One line of the access log. Of the values from the client it contains only the operation name and a well-formed id.
 */
function lineOf(notes: RequestNotes, of: object, ms: number, isDetailed: boolean): object {
  const { id, operation, keyId, workspaceId, cost, errors, credential, statements, statementMs } = notes;
  return {
    requestId: id,
    ...of,
    route: routeOf(notes),
    ...(operation !== undefined && { operation }),
    ...(keyId != null && { keyId }),
    ...(workspaceId !== undefined && { workspaceId }),
    ...(cost !== undefined && { cost }),
    ...(errors.size > 0 && { errors: [...errors] }),
    durationMs: rounded(ms),
    ...(isDetailed && { credential, statements, statementMs: rounded(statementMs) }),
  };
}

/** The span of a WebSocket operation continues the trace of the request that opened the connection. */
function beginSpan(notes: RequestNotes, method: string, headers: IncomingHttpHeaders): void {
  const span = tracing()?.begin({ name: method, kind: 'server', from: headers });
  if (span) notes.span = span;
}

/** The span is named at the end, when everything is known, and without anything that identifies a person. */
function endSpan(notes: RequestNotes, method: string, status?: number): void {
  const { span, id, operation, keyId, workspaceId, cost, errors } = notes;
  if (!span) return;
  const route = routeOf(notes);
  const [code] = errors;
  const hasFailed = status === undefined ? code === 'INTERNAL_SERVER_ERROR' : status >= 500;
  span.end({
    name: `${method} ${route}`,
    attributes: {
      'http.request.method': method,
      'http.route': route,
      'deskgraph.request.id': id,
      ...(status !== undefined && { 'http.response.status_code': status }),
      ...(operation !== undefined && { 'graphql.operation.name': operation }),
      ...(keyId != null && { 'deskgraph.key.id': keyId }),
      ...(workspaceId !== undefined && { 'deskgraph.workspace.id': workspaceId }),
      ...(cost !== undefined && { 'deskgraph.cost': cost }),
    },
    ...(hasFailed && { error: code }),
  });
}

const rounded = (ms: number): number => Math.round(ms * 10) / 10;

function count(notes: RequestNotes, headers: IncomingHttpHeaders, transport: string | undefined, ms: number): void {
  const { credential, errors, statements, cost = 0 } = notes;
  meters.requestsByCredential.inc({ credential });
  meters.statementsOfRequest.observe(statements);
  for (const code of errors) meters.errorsAnswered.inc({ code: meters.errorCodes(code) });
  const client = headers['apollographql-client-name'] ?? headers['graphql-client-name'];
  const version = headers['apollographql-client-version'] ?? headers['graphql-client-version'];
  if (client !== undefined) {
    meters.requestsByClient.inc({
      client: meters.clientNames(String(client)),
      version: version === undefined ? '' : meters.clientVersions(String(version)),
    });
  }
  if (transport === undefined || !notes.hasOperation) return;
  const operation = notes.operation === undefined ? 'anonymous' : meters.operationNames(notes.operation);
  meters.operationDuration.observe({ operation, transport }, ms / 1_000);
  if (cost > 0) meters.operationCost.inc({ operation }, cost);
}
