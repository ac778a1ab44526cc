/** Data about the current request or job, available anywhere in the process. */
import { AsyncLocalStorage } from 'node:async_hooks';
import { randomUUID } from 'node:crypto';
import type { Span } from './span.js';

/** How the caller was authenticated. */
export type Credential = 'key' | 'session' | 'sign-in' | 'none';

/** Collected during a request, for its line in the access log and for the metrics. */
export interface RequestNotes {
  readonly id: string;
  /** The pattern of the path, such as "/v1/customers/{id}"; never the path that the client sent. */
  route?: string;
  /** Whether a GraphQL operation was executed. It may have no name. */
  hasOperation?: boolean;
  operation?: string;
  keyId?: string | null;
  workspaceId?: string;
  credential: Credential;
  /** In points, if it is known. */
  cost?: number;
  /** The codes of the errors in the response. */
  errors: Set<string>;
  statements: number;
  statementMs: number;
  /** The span of the request when tracing is on. */
  span?: Span;
}

const storage = new AsyncLocalStorage<RequestNotes>();

/** The notes of the current request; undefined outside of requests. */
export const currentRequest = (): RequestNotes | undefined => storage.getStore();

/** Runs work, and everything that it starts, as part of this request. */
export const withRequest = <T>(notes: RequestNotes, work: () => T): T => {
  const { span } = notes;
  return storage.run(notes, span ? () => span.run(work) : work);
};

/** The allowed form of an id: enough for UUIDs, trace ids and the ids of proxies; no spaces, quotes or addresses. */
const wellFormed = /^[\w.:+/=-]{1,128}$/;

/** The id from a client or proxy if it is well-formed, else a new one. */
export const requestIdOf = (given: string | readonly string[] | undefined): string =>
  typeof given === 'string' && wellFormed.test(given) ? given : randomUUID();

export const notesOf = (id: string): RequestNotes => ({
  id,
  credential: 'none',
  errors: new Set(),
  statements: 0,
  statementMs: 0,
});

/** Notes the pattern of the path. */
export function noteRoute(pattern: string): void {
  const notes = currentRequest();
  if (notes) notes.route = pattern;
}

/** An operation's name is cut off in logs. */
const maxNameLength = 64;

/** Notes the operation that is executed, by the name in its document. */
export function noteOperation(name: string | undefined): void {
  const notes = currentRequest();
  if (!notes) return;
  notes.hasOperation = true;
  if (name !== undefined) notes.operation = name.slice(0, maxNameLength);
}

/** Notes what an operation costs, in points. */
export function noteCost(points: number): void {
  const notes = currentRequest();
  if (notes) notes.cost = points;
}

/** Notes the code of an error that is answered. */
export const noteError = (code: unknown): void => void currentRequest()?.errors.add(String(code));

/** The caller, as far as logs and metrics may know it. */
interface Asking {
  workspaceId: string;
  keyId: string | null;
  token: { kind: 'SESSION' | 'SIGN_IN' } | null;
}

/** Notes the caller. */
export function noteCaller({ workspaceId, keyId, token }: Asking): void {
  const notes = currentRequest();
  if (!notes) return;
  notes.workspaceId = workspaceId;
  notes.keyId = keyId;
  notes.credential = token === null ? 'key' : token.kind === 'SESSION' ? 'session' : 'sign-in';
}
