import { type Database, join, sql } from '../database.js';
import { identifier } from '../reading/tables.js';

/**
 * Updates the planner's statistics during a bulk load, which is faster than the server's own statistics (the embedded
 * server has none). Without them, foreign key checks that were planned while the tables were empty scan a whole index
 * for each row.
 */
export function analyzer(db: Database, tables: readonly string[]) {
  let written = 0;
  let analyzed = 0;
  const analyze = async (): Promise<void> => {
    analyzed = written;
    await db.prisma.$executeRaw(sql`ANALYZE ${join(tables.map(identifier))}`);
  };
  return {
    /** Counts the rows. Analyses each time their number has doubled. */
    async add(rows: number): Promise<void> {
      written += rows;
      if (rows > 0 && written >= 2 * analyzed) await analyze();
    },
    /** Analyses the rows since the last time. */
    async finish(): Promise<void> {
      if (written > analyzed) await analyze();
    },
  };
}
