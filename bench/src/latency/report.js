import { number, table } from '../comparison/report.js';
import { median, quantile } from '../database/statistics.js';

/**
 * @typedef {{ rival: string, operation: string, rounds: import('./half-load.js').HalfLoad[] }} LoadRow
 * @typedef {{ rival: string, operation: string } & import('./documents.js').NewDocuments} DocumentRow
 * @typedef {{ rival: string, rounds: import('./start.js').Start[] }} StartRow
 */

/** @param {LoadRow[]} rows */
export const reportLoads = (rows) =>
  table(
    ['operation', 'server', 'at most, requests/s', 'p50 at half, ms', 'p99 at half, ms', 'sent late'],
    rows.map(({ rival, operation, rounds }) => [
      operation,
      rival,
      number(median(rounds.map(({ peak }) => peak)), 0),
      number(median(rounds.map(({ p50 }) => p50)), 1),
      number(median(rounds.map(({ p99 }) => p99)), 1),
      `${number(100 * median(rounds.map(({ late }) => late)), 1)} %`,
    ]),
  );

/** @param {DocumentRow[]} rows */
export const reportDocuments = (rows) =>
  table(
    ['operation', 'server', 'first: p50, ms', 'p99', 'second: p50', 'p99', 'third: p50', 'p99'],
    rows.map(({ rival, operation, first, second, third }) => [
      operation,
      rival,
      ...[first, second, third].flatMap((times) => [number(quantile(times, 0.5), 1), number(quantile(times, 0.99), 1)]),
    ]),
  );

/** @param {StartRow[]} rows */
export const reportStarts = (rows) =>
  table(
    ['server', 'Node.js runs', 'it reaches for the database', 'its modules are loaded', 'it listens', 'it has answered'],
    rows.map(({ rival, rounds }) => [
      rival,
      ...(/** @type {const} */ (['begun', 'connecting', 'loaded', 'listening', 'answered'])).map((part) =>
        number(median(rounds.map((start) => start[part])), 0),
      ),
    ]),
  );
