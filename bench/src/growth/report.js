import { number, table } from '../comparison/report.js';

/** How much more an operation may take on a data set of another size. */
const aim = 1.1;
const shownText = 160;

/**
 * @typedef {import('./effort.js').Effort} Effort
 * @typedef {{ rival: string, operation: string, small: Effort, large: Effort }} Row
 */

/**
 * @param {Row[]} rows
 * @param {number} scale
 * @returns {string} Markdown
 */
export function report(rows, scale) {
  const pairOf = (/** @type {number | undefined} */ small, /** @type {number | undefined} */ large, /** @type {number} */ digits) => [
    `${number(small, digits)} → ${number(large, digits)}`,
    ratio(small, large),
  ];
  const body = rows.map(({ rival, operation, small, large }) => [
    operation,
    rival,
    `${number(small.statements, 1)} → ${number(large.statements, 1)}`,
    ...pairOf(small.blocks, large.blocks, 1),
    ...pairOf(small.p50, large.p50, 2),
    ...pairOf(small.databaseCpu, large.databaseCpu, 2),
  ]);
  const grown = rows.filter(({ small, large }) => large.blocks > small.blocks * aim);
  return [
    ...table(['operation', 'server', `statements 1× → ${scale}×`, 'blocks', '', 'p50 ms', '', 'database CPU ms', ''], body),
    ...grown.flatMap(({ rival, operation, small, large }) => [
      '',
      `### ${rival}, ${operation}: blocks by statement`,
      '',
      ...table(['statement', 'times per request', 'blocks per request'], [...statementsOf(small, '1×'), ...statementsOf(large, `${scale}×`)]),
    ]),
  ].join('\n');
}

/** @param {number | undefined} small @param {number | undefined} large */
const ratio = (small, large) => (small && large !== undefined ? `${(large / small).toFixed(2)}×` : '–');

/** @param {Effort} effort @param {string} scale */
const statementsOf = ({ byStatement }, scale) =>
  byStatement.map(({ text, calls, blocks }) => [
    `${scale}: \`${text.replaceAll(/\s+/g, ' ').replaceAll('|', '\\|').slice(0, shownText)}\``,
    number(calls, 1),
    number(blocks, 1),
  ]);
