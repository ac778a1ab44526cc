import { type DestinationStream, type Logger, pino } from 'pino';
import { currentRequest } from '../observe/request.js';
import { loggedError } from './logged-error.js';

export type Log = Logger;

export const logLevels = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const;
export type LogLevel = (typeof logLevels)[number];

/**
 * Writes JSON lines to standard error. Standard output is for results that a person or script asked for. Writes are
 * synchronous, so that the last lines before the process ends are not lost. Lines contain nothing that people wrote.
 * Lines of a request have its id.
 */
export const createLog = (level: LogLevel, destination: DestinationStream = standardError()): Log =>
  pino(
    { level, base: null, mixin: idOfRequest, serializers: { err: (error: unknown) => loggedError(error) } },
    destination,
  );

const idOfRequest = (): object => {
  const request = currentRequest();
  if (!request) return {};
  return { requestId: request.id, ...(request.span && { traceId: request.span.traceId }) };
};

const standardError = (): DestinationStream => pino.destination({ fd: 2, sync: true });
