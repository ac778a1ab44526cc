/** Rows as a file of RFC 4180. */
export const csvOf = (rows: readonly (readonly string[])[]): string =>
  rows.map((row) => `${row.map(quoted).join(',')}\r\n`).join('');

const quoted = (cell: string): string => (/[",\r\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell);

/** A name as spreadsheets leave it: what begins with one of these, of full width as well, they take for a formula. */
export const asText = (name: string): string => name.trim().replace(/^(?=[=+\-@|＝＋－＠])/, "'");
