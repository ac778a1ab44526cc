import { type Logger, pino } from 'pino';

export type Log = Logger;

export const logLevels = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const;
export type LogLevel = (typeof logLevels)[number];

/**
 * JSON lines on standard error; standard output is for what a person or a script asked for. Written synchronously,
 * so that the last lines before the end of the process are not lost.
 */
export const createLog = (level: LogLevel): Log => pino({ level, base: null }, pino.destination({ fd: 2, sync: true }));
