import { testConnection } from '../kit/connection.js';

/** Leads a command to the database of the test run. */
export function sharedDatabase(): Record<string, string> {
  const { connectionString, host } = testConnection();
  return {
    DATABASE_URL: connectionString ?? `postgres://postgres@localhost/postgres?host=${encodeURIComponent(`${host}`)}`,
  };
}
