-- Who configured an endpoint last, and the scopes that it had: what the endpoint is told is bounded by both.
ALTER TABLE "WebhookEndpoint" ADD COLUMN "configuredBy" TEXT COLLATE "C",
ADD COLUMN "scopes" TEXT[] DEFAULT ARRAY[]::TEXT[];

-- The scopes that a request under an Idempotency-Key was run with: its answer is for nobody who holds fewer.
ALTER TABLE "IdempotencyRecord" ADD COLUMN "scopes" TEXT[] DEFAULT ARRAY[]::TEXT[];

ALTER TABLE "WebhookEndpoint" ADD CONSTRAINT "WebhookEndpoint_workspaceId_configuredBy_fkey" FOREIGN KEY ("workspaceId", "configuredBy") REFERENCES "ApiKey"("workspaceId", "id") ON DELETE NO ACTION ON UPDATE CASCADE;

-- Nobody could configure an endpoint without the scopes to read what it is told, so those there are keep what they have.
UPDATE "WebhookEndpoint" SET "scopes" = ARRAY['analytics:read', 'audit:read', 'conversations:read', 'customers:read', 'links:read'];

UPDATE "IdempotencyRecord" AS r SET "scopes" = k."scopes" FROM "ApiKey" AS k
WHERE k."workspaceId" = r."workspaceId" AND k."id" = split_part(r."id", ':', 1);
