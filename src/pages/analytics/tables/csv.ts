/** Formats rows as CSV (RFC 4180). */
export const csvOf = (rows: readonly (readonly string[])[]): string =>
  rows.map((row) => `${row.map(quoted).join(',')}\r\n`).join('');

const quoted = (cell: string): string => (/[",\r\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell);

/**
 * A name that spreadsheets do not take for a formula: an apostrophe precedes the characters that begin one, including
 * their full-width forms.
 */
export const asText = (name: string): string => name.trim().replace(/^(?=[=+\-@|＝＋－＠])/, "'");
