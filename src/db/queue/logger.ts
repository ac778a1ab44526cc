import { Logger } from 'graphile-worker';
import type { Log } from '../../lib/process/log.js';
import { logFailure } from '../faults/faults.js';

/** What the library has to say, in our log. That a job was found and is done is nothing to tell. */
export const loggerOf = (log: Log): Logger =>
  new Logger(() => (level, message, { error } = {}) => {
    if (level === 'error') logFailure(log, error, message);
    else if (level === 'warning') logFailure(log, error, message, 'warn');
    else log.trace(message);
  });

export const silent = new Logger(() => () => undefined);
