/**
 * A backup is lines of JSON, compressed by gzip: its heading, then each part under a line that names it, then its end. A row
 * is an object of its columns, as PostgreSQL says it (row_to_json); what the database computes itself is left out. So it
 * can be read into any version of PostgreSQL.
 */
import { z } from 'zod';

export const format = 1;

export const heading = z.object({
  deskgraph: z.literal('backup'),
  format: z.number(),
  createdAt: z.string(),
  /** Those that the database had, in order. */
  migrations: z.array(z.string()),
});
export type Heading = z.infer<typeof heading>;

/** What the lines after it are, until the next one of these. */
export const part = z.union([
  z.object({ table: z.string() }),
  /** Jobs that wait, in the form that the queue takes them. */
  z.object({ jobs: z.literal(true) }),
  z.object({ sequence: z.string(), last: z.string(), isCalled: z.boolean() }),
  /** The last line; a backup without it was broken off. */
  z.object({ end: z.literal(true), rows: z.number() }),
]);
export type Part = z.infer<typeof part>;

/** A line that names a part is a list of one; rows are objects. */
export const partLine = (value: Part): string => `${JSON.stringify([value])}\n`;
