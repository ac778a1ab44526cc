import { median } from '../database/statistics.js';

/**
 * @typedef {{ p50: number, p99: number, pressed: number }} Round milliseconds, and requests a second of who presses
 * @typedef {{ title: string, rounds: Round[] }} Result the first one is that of nothing else being done
 */

/**
 * @param {Result[]} results
 * @returns {string} Markdown; ratios are those of one round, to its time of nothing else being done
 */
export function report(results) {
  const [quiet] = results;
  const rows = results.map(({ title, rounds }) => {
    const ratios = rounds.map(({ p99 }, place) => p99 / (quiet?.rounds[place]?.p99 ?? Number.NaN));
    return [
      title,
      median(rounds.map(({ pressed }) => pressed)).toFixed(0),
      median(rounds.map(({ p50 }) => p50)).toFixed(1),
      median(rounds.map(({ p99 }) => p99)).toFixed(1),
      `${median(ratios).toFixed(2)}× (${Math.min(...ratios).toFixed(2)}–${Math.max(...ratios).toFixed(2)})`,
    ];
  });
  return [
    '| what another workspace does | its requests/s | p50, ms | p99, ms | p99 to that of nothing |',
    '| --- | ---: | ---: | ---: | ---: |',
    ...rows.map((cells) => `| ${cells.join(' | ')} |`),
  ].join('\n');
}
