/** What is known of the request or job that the running code works for, from anywhere in the process. */
import { AsyncLocalStorage } from 'node:async_hooks';
import { randomUUID } from 'node:crypto';
import type { Span } from './span.js';

/** How who asked was known. */
export type Credential = 'key' | 'session' | 'sign-in' | 'none';

/** Noted while a request is worked on, for its line in the access log and for the metrics. */
export interface RequestNotes {
  readonly id: string;
  /** The pattern of the path, such as "/v1/customers/{id}"; never what a client wrote. */
  route?: string;
  /** Whether an operation of GraphQL was executed, which may have no name. */
  hasOperation?: boolean;
  operation?: string;
  keyId?: string | null;
  workspaceId?: string;
  credential: Credential;
  /** In points, as far as it is known. */
  cost?: number;
  /** The codes of the errors that it was answered with. */
  errors: Set<string>;
  statements: number;
  statementMs: number;
  /** Its span, while tracing is on. */
  span?: Span;
}

const storage = new AsyncLocalStorage<RequestNotes>();

/** The notes of the request that the running code works for; undefined outside of requests. */
export const currentRequest = (): RequestNotes | undefined => storage.getStore();

/** Runs work, and all that it begins, for this request. */
export const withRequest = <T>(notes: RequestNotes, work: () => T): T => {
  const { span } = notes;
  return storage.run(notes, span ? () => span.run(work) : work);
};

/** What may be an id: enough for UUIDs, trace ids and those of proxies; no spaces, quotes or addresses. */
const wellFormed = /^[\w.:+/=-]{1,128}$/;

/** The id that a client or proxy gave, when it is well-formed, else a new one. */
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

/** Who asks, as far as logs and metrics may know it. */
interface Asking {
  workspaceId: string;
  keyId: string | null;
  token: { kind: 'SESSION' | 'SIGN_IN' } | null;
}

/** Notes who asks. */
export function noteCaller({ workspaceId, keyId, token }: Asking): void {
  const notes = currentRequest();
  if (!notes) return;
  notes.workspaceId = workspaceId;
  notes.keyId = keyId;
  notes.credential = token === null ? 'key' : token.kind === 'SESSION' ? 'session' : 'sign-in';
}
