import { type Database, join, sql } from '../database.js';
import { identifier } from '../reading/tables.js';

/**
 * Keeps the planner's statistics in step with a bulk load, which outruns those that the server gathers by itself (the
 * embedded one gathers none). Without them the checks of foreign keys, planned while the tables were empty, read an
 * index from end to end for each row.
 */
export function analyzer(db: Database, tables: readonly string[]) {
  let written = 0;
  let analyzed = 0;
  const analyze = async (): Promise<void> => {
    analyzed = written;
    await db.prisma.$executeRaw(sql`ANALYZE ${join(tables.map(identifier))}`);
  };
  return {
    /** Counts the rows; analyses whenever their number has doubled. */
    async add(rows: number): Promise<void> {
      written += rows;
      if (rows > 0 && written >= 2 * analyzed) await analyze();
    },
    /** Analyses what came last. */
    async finish(): Promise<void> {
      if (written > analyzed) await analyze();
    },
  };
}
