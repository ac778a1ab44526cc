-- Addresses and domains whose mails become no messages.
CREATE TABLE "BlockedSender" (
    "workspaceId" TEXT COLLATE "C" NOT NULL,
    "id" TEXT COLLATE "C" NOT NULL,
    "pattern" TEXT COLLATE "C" NOT NULL,
    "reason" TEXT,
    "createdBy" TEXT,
    "createdAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "BlockedSender_pkey" PRIMARY KEY ("workspaceId","id")
);
CREATE UNIQUE INDEX "BlockedSender_workspaceId_pattern_key" ON "BlockedSender"("workspaceId", "pattern");
CREATE INDEX "BlockedSender_workspaceId_createdAt_id_idx" ON "BlockedSender"("workspaceId", "createdAt", "id");
ALTER TABLE "BlockedSender" ADD CONSTRAINT "BlockedSender_workspaceId_fkey" FOREIGN KEY ("workspaceId") REFERENCES "Workspace"("id") ON DELETE CASCADE ON UPDATE CASCADE;

ALTER TYPE "RejectionReason" ADD VALUE 'BLOCKED_SENDER';
