import { Logger } from 'graphile-worker';
import type { Log } from '../../lib/process/log.js';

/** What the library has to say, in our log. That a job was found and is done is nothing to tell. */
export const loggerOf = (log: Log): Logger =>
  new Logger(() => (level, message, { error } = {}) => {
    if (level === 'error') log.error({ err: error }, message);
    else if (level === 'warning') log.warn({ err: error }, message);
    else log.trace(message);
  });

export const silent = new Logger(() => () => undefined);
