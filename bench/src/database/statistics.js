import { cpuMilliseconds, isRunning } from '../server/process.js';

/**
 * How many statements the database has run for others than the bench since the last reset; undefined where
 * pg_stat_statements is not loaded.
 * @typedef {object} DatabaseStatistics
 * @property {() => Promise<void>} reset
 * @property {() => Promise<number | undefined>} statements
 * @property {() => Promise<Statement[]>} byStatement
 * @property {() => Promise<Map<number, number>>} cpu milliseconds by backend; empty when the server is elsewhere
 */

/**
 * @typedef {{ text: string, calls: number, blocks: number }} Statement blocks of tables and indexes that it looked at, wherever they lay
 */

// Transaction control is left out for all: a prepared BEGIN or COMMIT is counted the first time only.
const counted = `
  FROM pg_stat_statements
  WHERE dbid = (SELECT oid FROM pg_database WHERE datname = current_database())
    AND query NOT LIKE '%pg_stat_%' AND query !~* '^(begin|commit|rollback|savepoint|release)'`;

/**
 * @param {import('pg').Client} client
 * @returns {Promise<DatabaseStatistics>}
 */
export async function databaseStatistics(client) {
  const isCounted = await client.query('SELECT count(*) FROM pg_stat_statements').then(
    () => true,
    () => false,
  );
  return {
    reset: async () => {
      if (isCounted) await client.query('SELECT pg_stat_statements_reset()');
    },
    statements: async () => {
      if (!isCounted) return undefined;
      const { rows } = await client.query(`SELECT coalesce(sum(calls), 0)::int AS calls ${counted}`);
      return rows[0].calls;
    },
    byStatement: async () => {
      if (!isCounted) return [];
      const { rows } = await client.query(
        `SELECT query AS text, sum(calls)::int AS calls, sum(shared_blks_hit + shared_blks_read)::int AS blocks ${counted} GROUP BY query`,
      );
      return rows;
    },
    cpu: async () => {
      const { rows } = await client.query(
        'SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()',
      );
      /** @type {Map<number, number>} */
      const used = new Map();
      for (const { pid } of rows) {
        const milliseconds = isRunning(pid, 'postgres') ? cpuMilliseconds(pid) : undefined;
        if (milliseconds !== undefined) used.set(pid, milliseconds);
      }
      return used;
    },
  };
}

/**
 * CPU time that backends used between two readings; one that came in between started from nothing.
 * @param {Map<number, number>} before
 * @param {Map<number, number>} after
 */
export function cpuBetween(before, after) {
  if (after.size === 0) return undefined;
  let sum = 0;
  for (const [pid, milliseconds] of after) sum += milliseconds - (before.get(pid) ?? 0);
  return sum;
}

/** @param {readonly number[]} values */
export function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? Number.NaN) + upper) / 2;
}

/**
 * @param {readonly number[]} values
 * @param {number} share
 */
export function quantile(values, share) {
  const sorted = Float64Array.from(values).sort();
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}
