import { table } from '../comparison/report.js';
import { median } from '../database/statistics.js';

/** @param {number} value @param {number} digits */
const number = (value, digits) =>
  value.toLocaleString('en', { minimumFractionDigits: digits, maximumFractionDigits: digits });

/** @param {readonly number[]} values @param {number} share */
function quantile(values, share) {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.ceil(sorted.length * share) - 1)] ?? Number.NaN;
}

/**
 * @param {import('./fan-out.js').FanOut} told
 * @param {import('./options.js').EventOptions} options
 */
export function reportFanOut(told, { sse, webSockets, events, everyMs }) {
  /** @type {[string, number[]][]} */
  const all = [
    ['the first subscriber is told', told.firstMs],
    ['the last one is told', told.lastMs],
    ['each over SSE', told.sseMs],
    ['each over WebSocket', told.webSocketMs],
    ['who wrote has the answer', told.answeredMs],
  ];
  const rows = all
    .filter(([, times]) => times.length > 0)
    .map(([what, times]) => [what, ...[0.5, 0.9, 0.99, 1].map((share) => number(quantile(times, share), 0))]);
  return [
    `### One change to ${sse + webSockets} subscribers (${sse} SSE, ${webSockets} WebSocket)`,
    '',
    `${events} changes, one every ${everyMs} ms; milliseconds from the sending of the mutation.`,
    '',
    ...table(['until', 'p50', 'p90', 'p99', 'most'], rows),
    '',
    `The gateway takes ${number(told.cpuMs, 0)} ms of CPU a change, ${number(told.idleCpu * 100, 1)} % of a processor`,
    `while nothing happens, and ${number(told.kibibytes, 0)} KiB of memory a subscriber.`,
  ].join('\n');
}

/**
 * @param {import('./writes.js').Writing[]} writings
 * @param {import('./options.js').EventOptions} options
 */
export function reportWrites(writings, { seconds, rounds }) {
  const rows = writings.map(({ writers, workspaces, perSecond, p50, p99 }) => [
    `${writers} writer${writers > 1 ? 's' : ''} in ${workspaces} workspace${workspaces > 1 ? 's' : ''}`,
    number(median(perSecond), 0),
    `${number(Math.min(...perSecond), 0)}–${number(Math.max(...perSecond), 0)}`,
    number(median(p50), 1),
    number(median(p99), 1),
  ]);
  return [
    '### Writers',
    '',
    `Each changes a customer of its own (updateCustomer) over and over; ${rounds} rounds of ${seconds} s, medians.`,
    '',
    ...table(['', 'writes/s', 'least–most', 'p50 ms', 'p99 ms'], rows),
  ].join('\n');
}
