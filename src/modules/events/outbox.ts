import { type Database, sql } from '../../db/database.js';
import { events } from '../../db/reading/tables.js';
import type { DomainEvent } from '../../generated/prisma/client.js';

/** A workspace, and the seq in its outbox after which to read. */
export interface Position {
  workspaceId: string;
  after: bigint;
}

/**
 * The next events of each workspace in the order of `seq`, at most `limit` of each and none after `upTo`, which the
 * watermark gives. One statement for all workspaces.
 */
export async function readOutbox(
  db: Database,
  positions: readonly Position[],
  upTo: bigint,
  limit: number,
): Promise<DomainEvent[][]> {
  const projection = events.project();
  const workspaceIds = positions.map(({ workspaceId }) => workspaceId);
  const after = positions.map((position) => String(position.after));
  const rows = await db.read(sql`SELECT p."place", ${projection.select('e')}
    FROM unnest(${workspaceIds}::text[], ${after}::bigint[]) WITH ORDINALITY AS p("workspaceId", "after", "place")
    CROSS JOIN LATERAL (
      SELECT * FROM ${events.name} AS r
      WHERE r."workspaceId" = p."workspaceId" AND r."seq" > p."after" AND r."seq" <= ${upTo}
      ORDER BY r."seq" LIMIT ${limit}
    ) AS e ORDER BY p."place", e."seq"`);
  const found: DomainEvent[][] = positions.map(() => []);
  for (const row of rows) found[Number(row[0]) - 1]?.push(projection.row(row, 1));
  return found;
}
