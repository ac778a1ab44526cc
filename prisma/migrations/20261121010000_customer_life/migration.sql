-- CreateTable
CREATE TABLE "CustomerMerge" (
    "workspaceId" TEXT COLLATE "C" NOT NULL,
    "id" TEXT COLLATE "C" NOT NULL,
    "sourceId" TEXT COLLATE "C" NOT NULL,
    "targetId" TEXT COLLATE "C" NOT NULL,
    "actorId" TEXT COLLATE "C",
    "gained" JSONB NOT NULL,
    "conversationIds" TEXT[] COLLATE "C",
    "redirectedIds" TEXT[] COLLATE "C",
    "mergedAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "undoneAt" TIMESTAMPTZ(3),

    CONSTRAINT "CustomerMerge_pkey" PRIMARY KEY ("workspaceId","id")
);

-- CreateIndex
CREATE INDEX "CustomerMerge_workspaceId_sourceId_mergedAt_idx" ON "CustomerMerge"("workspaceId", "sourceId", "mergedAt");

-- CreateIndex
CREATE INDEX "CustomerMerge_workspaceId_targetId_idx" ON "CustomerMerge"("workspaceId", "targetId");

-- AddForeignKey
ALTER TABLE "CustomerMerge" ADD CONSTRAINT "CustomerMerge_workspaceId_sourceId_fkey" FOREIGN KEY ("workspaceId", "sourceId") REFERENCES "Customer"("workspaceId", "id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "CustomerMerge" ADD CONSTRAINT "CustomerMerge_workspaceId_targetId_fkey" FOREIGN KEY ("workspaceId", "targetId") REFERENCES "Customer"("workspaceId", "id") ON DELETE CASCADE ON UPDATE CASCADE;
