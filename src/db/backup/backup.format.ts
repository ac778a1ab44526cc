/**
 * The format of a backup: lines of JSON, compressed with gzip. The first line is the heading. Each part begins with a
 * line that names it. The last line marks the end. A row is an object of its columns as PostgreSQL writes it
 * (row_to_json), without generated columns. So a backup can be restored into any version of PostgreSQL.
 */
import { z } from 'zod';

export const format = 1;

export const heading = z.object({
  deskgraph: z.literal('backup'),
  format: z.number(),
  createdAt: z.string(),
  /** The migrations of the database, in order. */
  migrations: z.array(z.string()),
});
export type Heading = z.infer<typeof heading>;

/** The content of the lines up to the next part. */
export const part = z.union([
  z.object({ table: z.string() }),
  /** Waiting jobs, in the form in which the queue accepts them. */
  z.object({ jobs: z.literal(true) }),
  z.object({ sequence: z.string(), last: z.string(), isCalled: z.boolean() }),
  /** The last line. A backup without it is incomplete. */
  z.object({ end: z.literal(true), rows: z.number() }),
]);
export type Part = z.infer<typeof part>;

/** The line that begins a part is a list with one element. Rows are objects. */
export const partLine = (value: Part): string => `${JSON.stringify([value])}\n`;
