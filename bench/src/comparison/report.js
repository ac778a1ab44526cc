import { descriptions } from './operations.js';
import { median } from '../database/statistics.js';

/**
 * @typedef {import('./measure.js').Measurement} Measurement
 * @typedef {import('./options.js').OperationName} OperationName
 *
 * @typedef {object} Row one rival and operation
 * @property {string} rival
 * @property {OperationName} operation
 * @property {number | undefined} statements per request
 * @property {Measurement[]} rounds
 *
 * @typedef {{ rival: string, peakMemory: number | undefined, restingMemory: number | undefined }} Memory MiB at most, and after ten seconds at rest
 *
 * @typedef {object} Results
 * @property {string} node version that ran the servers
 * @property {string} postgres version
 * @property {number} connections
 * @property {number} seconds
 * @property {Memory[]} processes
 * @property {Row[]} rows the first rival of an operation is the one that the others are compared with
 */

/**
 * @param {Results} results
 * @returns {string} Markdown
 */
export function report({ node, postgres, connections, seconds, processes, rows }) {
  const rounds = rows[0]?.rounds.length ?? 0;
  const subject = rows[0]?.rival;
  const sections = [...new Set(rows.map((row) => row.operation))].map((operation) =>
    section(operation, rows.filter((row) => row.operation === operation)),
  );
  return [
    `Node.js ${node}, PostgreSQL ${postgres}; ${connections} connections, ${rounds} rounds of ${seconds} s; medians over the rounds.`,
    `“${subject} is” compares requests per second within each round: median (least–most).`,
    '',
    ...sections,
    '### Resident memory',
    '',
    ...table(
      ['', 'at most, MiB', 'after 10 s at rest, MiB'],
      processes.map(({ rival, peakMemory, restingMemory }) => [rival, number(peakMemory, 0), number(restingMemory, 0)]),
    ),
  ].join('\n');
}

/**
 * @param {OperationName} operation
 * @param {Row[]} rows
 */
function section(operation, rows) {
  const subject = rows[0];
  const header = ['', 'requests/s', 'p50 ms', 'p99 ms', 'server CPU ms', 'database CPU ms', 'statements', `${subject?.rival} is`];
  const body = rows.map((row) => [
    row.rival,
    number(middle(row, 'requestsPerSecond'), 0),
    number(middle(row, 'p50'), 1),
    number(middle(row, 'p99'), 1),
    number(middle(row, 'serverCpu'), 2),
    number(middle(row, 'databaseCpu'), 2),
    number(row.statements, 1),
    subject && row !== subject ? ratio(subject, row) : '',
  ]);
  return [`### ${operation}: ${descriptions[operation]}`, '', ...table(header, body), ''].join('\n');
}

/**
 * @param {Row} row
 * @param {keyof Measurement} what
 */
function middle(row, what) {
  const values = row.rounds.map((round) => round[what]).filter((value) => value !== undefined);
  return values.length > 0 ? median(values) : undefined;
}

/**
 * @param {Row} subject
 * @param {Row} other
 */
function ratio(subject, other) {
  const ratios = subject.rounds.map((round, index) => round.requestsPerSecond / (other.rounds[index]?.requestsPerSecond ?? Number.NaN));
  return `${median(ratios).toFixed(2)}× (${Math.min(...ratios).toFixed(2)}–${Math.max(...ratios).toFixed(2)})`;
}

/**
 * @param {number | undefined} value
 * @param {number} digits
 */
export const number = (value, digits) =>
  value === undefined
    ? '–'
    : value.toLocaleString('en', { minimumFractionDigits: digits, maximumFractionDigits: digits });

/**
 * @param {string[]} header
 * @param {string[][]} rows
 */
export function table(header, rows) {
  /** @param {string[]} cells */
  const line = (cells) => `| ${cells.join(' | ')} |`;
  return [line(header), line(header.map((_, index) => (index === 0 ? '---' : '---:'))), ...rows.map(line)];
}
