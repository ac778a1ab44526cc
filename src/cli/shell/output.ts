import type { Command } from 'commander';
import type { Shell } from './shell.js';

export interface OutputOptions {
  /** Prints one JSON value instead of text. */
  json?: true;
}

/** The option that every command has. */
export const withJson = (command: Command): Command => command.option('--json', 'print the result as JSON');

/** Prints the result of a command: `value` with --json, else `text`. */
export function print(shell: Shell, { json }: OutputOptions, value: unknown, text: string): void {
  shell.out(`${json ? jsonOf(value) : text}\n`);
}

/** Formats rows as aligned columns with titles; returns `none` if there are no rows. */
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

/** Control characters that a terminal would interpret, and characters that reverse the direction of text. */
const obeyed = /[\p{Cc}\u2028\u2029\u202a-\u202e\u2066-\u2069]+/gu;

/** The text on one line, without such characters. */
export const printable = (text: string): string => text.replace(obeyed, ' ');

/** JSON in which such characters are escaped. */
const jsonOf = (value: unknown): string =>
  JSON.stringify(value).replace(obeyed, (signs) =>
    [...signs].map((sign) => `\\u${sign.charCodeAt(0).toString(16).padStart(4, '0')}`).join(''),
  );
