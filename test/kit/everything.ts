import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { TestApp } from './app.js';

/** What the database and a directory hold, to look for traces of somebody. */

/** The tables whose rows, as text, match: each with the first such row. All tables of all schemas are read, also new ones. */
export async function tracesIn({ database }: Pick<TestApp, 'database'>, form: RegExp): Promise<string[]> {
  const { rows: tables } = await database.pool.query<{ schema: string; name: string }>(
    `select table_schema as schema, table_name as name from information_schema.tables
     where table_type = 'BASE TABLE' and table_schema not in ('pg_catalog', 'information_schema')`,
  );
  const found: string[] = [];
  for (const { schema, name } of tables) {
    const { rows } = await database.pool.query<{ row: string }>(
      `select row_to_json(t)::text as row from "${schema}"."${name}" as t`,
    );
    const trace = rows.map(({ row }) => readable(row)).find((row) => form.test(row));
    if (trace !== undefined) found.push(`${schema}.${name}: ${trace}`);
  }
  return found;
}

/** The row with the bytes in it as characters, of one or of two bytes each. */
const readable = (row: string): string =>
  row.replaceAll(/\\\\x([0-9a-f]+)/g, (_all, hex: string) =>
    Buffer.from(hex, 'hex').toString('latin1').replaceAll('\0', ''),
  );

/** The files below a directory that match. */
export async function tracesBelow(directory: string, form: RegExp): Promise<string[]> {
  const entries = await readdir(directory, { recursive: true, withFileTypes: true }).catch(() => []);
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  const texts = await Promise.all(files.map(async (file) => [file, await readFile(file, 'latin1')] as const));
  return texts.filter(([file, text]) => form.test(text) || form.test(file)).map(([file]) => file);
}
