/**
 * @typedef {{ title: string, times: number[], seconds: number }} Result times in milliseconds
 * @typedef {{ before: number | undefined, small: number | undefined, peak: number | undefined }} Memory in MiB
 */

/** @param {number[]} times @param {number} share */
const percentile = (times, share) => [...times].sort((a, b) => a - b)[Math.floor((times.length - 1) * share)] ?? Number.NaN;

/** @param {number | undefined} amount */
const shown = (amount) => (amount === undefined ? 'unknown' : `${amount.toFixed(0)} MiB`);

/**
 * @param {Result[]} results
 * @param {Memory} memory
 * @returns {string} Markdown
 */
export function report(results, { before, small, peak }) {
  const rows = results.map(({ title, times, seconds }) => [
    title,
    (times.length / seconds).toFixed(1),
    percentile(times, 0.5).toFixed(0),
    percentile(times, 0.99).toFixed(0),
  ]);
  return [
    '| mails | a second | p50, ms | p99, ms |',
    '| --- | ---: | ---: | ---: |',
    ...rows.map((cells) => `| ${cells.join(' | ')} |`),
    '',
    `Resident memory of the gateway: ${shown(before)} at first, at most ${shown(small)} with small mails, at most ${shown(peak)} with large ones.`,
  ].join('\n');
}
