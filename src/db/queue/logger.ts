import { Logger } from 'graphile-worker';
import type { Log } from '../../lib/process/log.js';
import { logFailure } from '../faults/faults.js';

/** Passes the library's messages to our log, except that a job was found or is done. */
export const loggerOf = (log: Log): Logger =>
  new Logger(() => (level, message, { error } = {}) => {
    if (level === 'error') logFailure(log, error, message);
    else if (level === 'warning') logFailure(log, error, message, 'warn');
    else log.trace(message);
  });

export const silent = new Logger(() => () => undefined);
