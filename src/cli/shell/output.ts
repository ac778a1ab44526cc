import type { Command } from 'commander';
import type { Shell } from './shell.js';

export interface OutputOptions {
  /** One JSON value instead of text for a person. */
  json?: true;
}

/** The option that every command has. */
export const withJson = (command: Command): Command => command.option('--json', 'print the result as JSON');

/** Prints the result of a command: `value` as JSON when that is asked for, else `text`. */
export function print(shell: Shell, { json }: OutputOptions, value: unknown, text: string): void {
  shell.out(`${json ? JSON.stringify(value) : text}\n`);
}

/** Rows as aligned columns under their titles; `none` when there are no rows. */
export function table(titles: readonly string[], rows: readonly (readonly string[])[], none: string): string {
  if (rows.length === 0) return none;
  const lines = [titles, ...rows].map((cells) => cells.map(printable));
  const widths = titles.map((_, column) => Math.max(...lines.map((cells) => cells[column]?.length ?? 0)));
  return lines
    .map((cells) =>
      cells
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

/** The text on one line and without control characters, which a terminal would obey. */
export const printable = (text: string): string => text.replace(/\p{Cc}+/gu, ' ');
