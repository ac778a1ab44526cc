import { isDriverAdapterError } from '@prisma/driver-adapter-utils';
import { Prisma } from '../generated/prisma/client.js';
import { SessionError } from './session.js';

/**
 * Whether an error of a statement or a transaction says that the database could not be reached, or was lost while it
 * worked: something that passes, and that no change of the request can mend. What had begun may have been committed.
 */
export function isUnreachable(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  // A session that gives no right answers is as good as none.
  if (error instanceof SessionError) return true;
  // Prisma tells of what it knows by kinds of its own, and hands on the rest as it came, at most with the same code.
  if (isDriverAdapterError(error)) {
    const { kind, originalCode } = error.cause;
    return kinds.has(kind) || isState(originalCode);
  }
  if (error instanceof Prisma.PrismaClientKnownRequestError) {
    const { code, message, meta } = error;
    if (code === 'P2028') return message.includes(noConnectionInTime);
    return isUnreachable(meta?.driverAdapterError) || systemCodes.has(code) || isState(code);
  }
  // A name that stands for several addresses, each of which was tried.
  if (error instanceof AggregateError) return error.errors.some(isUnreachable);
  if ('code' in error && typeof error.code === 'string') return systemCodes.has(error.code) || isState(error.code);
  return messages.has(error.message);
}

/** As the system says it, be it of a host, a port or a socket's file. */
const systemCodes: ReadonlySet<string> = new Set([
  'EAI_AGAIN',
  'ECONNABORTED',
  'ECONNREFUSED',
  'ECONNRESET',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOENT',
  'ENOTFOUND',
  'EPIPE',
  'ETIMEDOUT',
]);

/** As the driver says it, in errors that bear no code. */
const messages: ReadonlySet<string> = new Set([
  'Client has encountered a connection error and is not queryable',
  'Client was closed and is not queryable',
  'Connection terminated',
  'Connection terminated due to connection timeout',
  'Connection terminated unexpectedly',
  'timeout exceeded when trying to connect',
]);

/** As Prisma's adapter says it. */
const kinds: ReadonlySet<string> = new Set([
  'ConnectionClosed',
  'DatabaseNotReachable',
  'SocketTimeout',
  'TooManyConnections',
]);
const noConnectionInTime = 'Unable to start a transaction in the given time';

/**
 * As the server says it in its SQLSTATE: a broken connection (class 08), too many of them, and a server that shuts down,
 * crashed, or starts.
 */
const isState = (code: string | undefined): boolean => code !== undefined && /^(?:08\w{3}|53300|57P0[123])$/.test(code);
