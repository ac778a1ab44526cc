import { type Database, sql } from '../../../db/database.js';

/**
 * The age, in seconds, of the oldest event that the dispatcher has not yet turned into deliveries; 0 when there is
 * none. One statement.
 */
export async function readOutboxLag(db: Database): Promise<number> {
  const [[seconds] = [0]] =
    await db.read(sql`SELECT COALESCE(max(extract(epoch FROM now() - e."occurredAt")), 0)::float8
    FROM "WebhookCursor" AS c CROSS JOIN LATERAL (
      SELECT "occurredAt" FROM "DomainEvent" AS d WHERE d."workspaceId" = c."workspaceId" AND d."seq" > c."seq"
      ORDER BY d."seq" LIMIT 1) AS e
    WHERE EXISTS (SELECT FROM "WebhookEndpoint" AS w WHERE w."workspaceId" = c."workspaceId" AND w."disabledAt" IS NULL)`);
  return seconds as number;
}
