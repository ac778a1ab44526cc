import { median } from '../database/statistics.js';

/**
 * @typedef {import('../comparison/measure.js').Measurement} Measurement
 * @typedef {{ statements: number | undefined, rounds: Measurement[] }} Side one way to ask for a list
 * @typedef {{ name: string, rest: Side, graphql: Side }} List
 */

/**
 * @param {List[]} lists
 * @returns {string} Markdown; the cost is that of REST, with GraphQL as 1
 */
export function report(lists) {
  const rows = lists.flatMap(({ name, rest, graphql }) => [
    row(`GET …/${name}`, rest, [costOf(rest, graphql, time), costOf(rest, graphql, ({ serverCpu }) => serverCpu)]),
    row('the same in GraphQL', graphql, ['', '']),
  ]);
  return [
    '|  | requests/s | server CPU ms | statements | time of REST | CPU of REST |',
    '| --- | ---: | ---: | ---: | ---: | ---: |',
    ...rows.map((cells) => `| ${cells.join(' | ')} |`),
  ].join('\n');
}

/** @param {Measurement} measurement */
const time = ({ requestsPerSecond }) => 1 / requestsPerSecond;

/**
 * @param {string} title
 * @param {Side} side
 * @param {string[]} costs
 */
function row(title, { statements, rounds }, costs) {
  const rate = median(rounds.map(({ requestsPerSecond }) => requestsPerSecond));
  const cpu = median(rounds.flatMap(({ serverCpu }) => serverCpu ?? []));
  return [title, rate.toFixed(0), cpu.toFixed(2), statements?.toFixed(1) ?? '', ...costs];
}

/**
 * Within each round, since the machine is not the same in all of them: median (least–most).
 * @param {Side} rest
 * @param {Side} graphql
 * @param {(measurement: Measurement) => number | undefined} cost
 */
function costOf(rest, graphql, cost) {
  const ratios = rest.rounds.flatMap((round, place) => {
    const other = graphql.rounds[place];
    const [own, others] = [cost(round), other && cost(other)];
    return own === undefined || others === undefined ? [] : [own / others];
  });
  return `${median(ratios).toFixed(2)}× (${Math.min(...ratios).toFixed(2)}–${Math.max(...ratios).toFixed(2)})`;
}
