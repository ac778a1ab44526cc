-- What keys are managed by: who made them, from where they may be used, and the secret before a rotation.
ALTER TABLE "ApiKey" ADD COLUMN "createdBy" TEXT COLLATE "C",
ADD COLUMN "allowedOrigins" TEXT[] DEFAULT ARRAY[]::TEXT[],
ADD COLUMN "allowedNetworks" TEXT[] DEFAULT ARRAY[]::TEXT[],
ADD COLUMN "previousHash" TEXT COLLATE "C",
ADD COLUMN "previousUntil" TIMESTAMPTZ(3),
ADD COLUMN "version" INTEGER NOT NULL DEFAULT 1,
ADD COLUMN "updatedAt" TIMESTAMPTZ(3);

CREATE UNIQUE INDEX "ApiKey_previousHash_key" ON "ApiKey"("previousHash");
CREATE INDEX "ApiKey_workspaceId_createdAt_id_idx" ON "ApiKey"("workspaceId", "createdAt", "id");

-- Tokens that stand for an agent for some minutes.
CREATE TABLE "SessionToken" (
    "workspaceId" TEXT COLLATE "C" NOT NULL,
    "id" TEXT COLLATE "C" NOT NULL,
    "hash" TEXT COLLATE "C" NOT NULL,
    "keyId" TEXT COLLATE "C" NOT NULL,
    "agentId" TEXT COLLATE "C" NOT NULL,
    "scopes" TEXT[],
    "createdAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "expiresAt" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "SessionToken_pkey" PRIMARY KEY ("workspaceId","id")
);

CREATE UNIQUE INDEX "SessionToken_hash_key" ON "SessionToken"("hash");
CREATE INDEX "SessionToken_workspaceId_expiresAt_idx" ON "SessionToken"("workspaceId", "expiresAt");

ALTER TABLE "SessionToken" ADD CONSTRAINT "SessionToken_workspaceId_keyId_fkey" FOREIGN KEY ("workspaceId", "keyId") REFERENCES "ApiKey"("workspaceId", "id") ON DELETE CASCADE ON UPDATE CASCADE;
ALTER TABLE "SessionToken" ADD CONSTRAINT "SessionToken_workspaceId_agentId_fkey" FOREIGN KEY ("workspaceId", "agentId") REFERENCES "Agent"("workspaceId", "id") ON DELETE CASCADE ON UPDATE CASCADE;
