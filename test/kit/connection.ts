import type pg from 'pg';
import { inject } from 'vitest';

/**
 * The migrated database of this worker. The test files that it runs share it, one after the other, each with workspaces
 * of its own; what other workers do meanwhile is not seen in it.
 */
export function testConnection(): pg.PoolConfig {
  const connection = inject('connections')[Number(process.env.VITEST_POOL_ID) - 1];
  if (!connection) throw new Error(`Worker ${process.env.VITEST_POOL_ID} has no database.`);
  return connection;
}
