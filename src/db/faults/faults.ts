import { isDriverAdapterError } from '@prisma/driver-adapter-utils';
import pg from 'pg';
import { AppError } from '../../errors.js';
import type { Log } from '../../lib/process/log.js';
import { SessionError } from '../session.js';
import { type Fault, faults, faultsByState } from './fault-table.js';
import { isOfDatabase } from './watched-client.js';

/**
 * The fault of the database that an error tells of; undefined for any other error, also for one of another connection,
 * such as that of a client that went away. What had begun may have been committed.
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

/** By its name: the client takes long to load, and the command line tells of failures without it. */
const isOfPrisma = (error: Error): error is Error & { code: string; meta?: { driverAdapterError?: unknown } } =>
  error.name === 'PrismaClientKnownRequestError';

const byState = (state: unknown): Fault | undefined =>
  typeof state === 'string' ? faultsByState.find(([pattern]) => pattern.test(state))?.[1] : undefined;

/** As Prisma's adapter says it, where there is no SQLSTATE. */
const byKind: ReadonlyMap<string, Fault> = new Map([
  ['ConnectionClosed', faults.unreachable],
  ['DatabaseNotReachable', faults.unreachable],
  ['SocketTimeout', faults.unreachable],
  ['TlsConnectionError', faults.encryption],
]);

/** As the driver says it, in errors that bear no code. */
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

/** Notes a failure with its cause and at its level when it is the database's, else with `message`. */
export function logFailure(log: Log, error: unknown, message: string, level: 'warn' | 'error' = 'error'): void {
  const fault = faultOf(error);
  log[fault?.level ?? level]({ err: error }, fault ? `${fault.words} ${message}` : message);
}

/** The message of a fault for clients. */
export function toldOf({ told, retryAfter }: Fault): AppError | undefined {
  if (retryAfter === null) return undefined;
  const message = told ?? 'The service is not available right now; try again in a few seconds.';
  return new AppError('UNAVAILABLE', message, { retryable: true, retryAfter });
}
