import { type DestinationStream, type Logger, pino } from 'pino';
import { currentRequest } from '../observe/request.js';
import { loggedError } from './logged-error.js';

export type Log = Logger;

export const logLevels = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const;
export type LogLevel = (typeof logLevels)[number];

/**
 * JSON lines on standard error; standard output is for what a person or a script asked for. Written synchronously,
 * so that the last lines before the end of the process are not lost. Lines hold nothing of what people wrote. Those of a
 * request bear its id.
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
