import {
  type Database,
  type DatabaseOptions,
  databaseOver,
  openSessions,
  type Sessions,
} from '../../src/db/database.js';
import { testConnection } from './connection.js';

/** Many who ask at once wait long for each other on a busy machine. */
export const patient: DatabaseOptions = { connections: 5, patienceMs: 120_000 };

/** What was given back, for the next who needs a database. */
const free: Sessions[] = [];

/**
 * The database of this worker. Sessions that know the statements of the application, and Prisma's plans for them, take
 * longer to come about than many a test takes, so who closes the database leaves them to the next; nobody shares them
 * meanwhile. Where something is still at work in them, or a fault is remembered, they are closed.
 */
export function borrowDatabase(): Database {
  const sessions = free.pop() ?? openSessions(testConnection(), patient);
  let isGivenBack = false;
  const close = async (): Promise<void> => {
    if (isGivenBack) throw new Error('The database was closed before, and somebody else may have its sessions.');
    isGivenBack = true;
    const { pool, health } = sessions;
    const isAtRest = pool.idleCount === pool.totalCount && pool.waitingCount === 0;
    if (isAtRest && health.trouble() === undefined) free.push(sessions);
    else await sessions.close();
  };
  return databaseOver({ ...sessions, close }, patient);
}
