-- How far the deletion of a person is, so that it goes on after a crash; and what it did.
CREATE TABLE "Erasure" (
    "workspaceId" TEXT COLLATE "C" NOT NULL,
    "id" TEXT COLLATE "C" NOT NULL,
    "customerIds" TEXT[],
    "mode" TEXT NOT NULL,
    "actorId" TEXT,
    "identity" JSONB,
    "step" INTEGER NOT NULL DEFAULT 0,
    "cursor" JSONB,
    "mails" TEXT[] DEFAULT ARRAY[]::TEXT[],
    "counts" JSONB NOT NULL DEFAULT '{}',
    "createdAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "finishedAt" TIMESTAMPTZ(3),

    CONSTRAINT "Erasure_pkey" PRIMARY KEY ("workspaceId","id")
);

ALTER TABLE "Erasure" ADD CONSTRAINT "Erasure_workspaceId_fkey" FOREIGN KEY ("workspaceId") REFERENCES "Workspace"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- Which kept answers are about an erased person, also those that are written just then.
ALTER TABLE "IdempotencyRecord" ADD COLUMN "subjects" TEXT[] DEFAULT ARRAY[]::TEXT[],
ADD COLUMN "keepsAnswer" BOOLEAN NOT NULL DEFAULT true,
ADD COLUMN "erasedAt" TIMESTAMPTZ(3);

ALTER TABLE "WebhookDelivery" ADD COLUMN "erased" BOOLEAN NOT NULL DEFAULT false;

-- Nobody can answer who was erased before.
UPDATE "Conversation" AS c SET "status" = 'CLOSED', "closedAt" = COALESCE(c."closedAt", now()), "snoozedUntil" = NULL,
  "version" = c."version" + 1, "updatedAt" = now()
FROM "Customer" AS p
WHERE p."workspaceId" = c."workspaceId" AND p."id" = c."customerId" AND p."deletedAt" IS NOT NULL AND c."status" = 'OPEN';

-- Any part of what integrations name customers by; the part of name and address has its index already.
CREATE INDEX "Customer_identity_idx" ON "Customer"
  USING GIN ("workspaceId", "deskgraph_folded"(COALESCE("externalId", '') || ' ' || COALESCE("phone", '')) gin_trgm_ops)
  WITH (gin_pending_list_limit = 256);
