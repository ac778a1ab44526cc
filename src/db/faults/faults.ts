import { isDriverAdapterError } from '@prisma/driver-adapter-utils';
import pg from 'pg';
import { AppError } from '../../errors.js';
import type { Log } from '../../lib/process/log.js';
import { SessionError } from '../session.js';
import { type Fault, faults, faultsByState } from './fault-table.js';
import { isOfDatabase } from './watched-client.js';

/**
 * The database fault behind an error; undefined for any other error, including those of other connections, such as a
 * client that disconnected. The interrupted transaction may have been committed.
 */
export function faultOf(error: unknown): Fault | undefined {
  if (!(error instanceof Error) || error instanceof AppError) return undefined;
  if (error instanceof SessionError) return faults.session;
  if (isDriverAdapterError(error)) return byState(error.cause.originalCode) ?? byKind.get(error.cause.kind);
  if (isOfPrisma(error)) {
    const { code, message, meta } = error;
    if (code === 'P2028') return message.includes(noConnectionInTime) ? faults.poolBusy : faults.slowTransaction;
    return faultOf(meta?.driverAdapterError);
  }
  if (error instanceof pg.DatabaseError) return byState(error.code);
  if (isOfDatabase(error)) return isOfEncryption(error) ? faults.encryption : faults.unreachable;
  return byMessage.get(error.message);
}

/** Recognised by its name, because the client loads slowly and the command line reports failures without it. */
const isOfPrisma = (error: Error): error is Error & { code: string; meta?: { driverAdapterError?: unknown } } =>
  error.name === 'PrismaClientKnownRequestError';

const byState = (state: unknown): Fault | undefined =>
  typeof state === 'string' ? faultsByState.find(([pattern]) => pattern.test(state))?.[1] : undefined;

/** The kinds of errors of Prisma's adapter that have no SQLSTATE. */
const byKind: ReadonlyMap<string, Fault> = new Map([
  ['ConnectionClosed', faults.unreachable],
  ['DatabaseNotReachable', faults.unreachable],
  ['SocketTimeout', faults.unreachable],
  ['TlsConnectionError', faults.encryption],
]);

/** The messages of driver errors that have no code. */
const byMessage: ReadonlyMap<string, Fault> = new Map([
  ['Client has encountered a connection error and is not queryable', faults.unreachable],
  ['Client was closed and is not queryable', faults.unreachable],
  ['Connection terminated', faults.unreachable],
  ['Connection terminated due to connection timeout', faults.unreachable],
  ['Connection terminated unexpectedly', faults.unreachable],
  ['timeout exceeded when trying to connect', faults.unreachable],
  ['Query read timeout', faults.unreachable],
]);

const noConnectionInTime = 'Unable to start a transaction in the given time';

const isOfEncryption = (error: Error): boolean =>
  ('code' in error && /CERT|^ERR_(?:SSL|TLS)|^UNABLE_TO_|^EPROTO$/.test(String(error.code))) ||
  / SSL /.test(error.message);

/** Logs a failure: a database fault with its cause and level, any other error with `message`. */
export function logFailure(log: Log, error: unknown, message: string, level: 'warn' | 'error' = 'error'): void {
  const fault = faultOf(error);
  log[fault?.level ?? level]({ err: error }, fault ? `${fault.words} ${message}` : message);
}

/** The error for clients that reports a fault. */
export function toldOf({ told, retryAfter }: Fault): AppError | undefined {
  if (retryAfter === null) return undefined;
  const message = told ?? 'The service is not available right now; try again in a few seconds.';
  return new AppError('UNAVAILABLE', message, { retryable: true, retryAfter });
}
