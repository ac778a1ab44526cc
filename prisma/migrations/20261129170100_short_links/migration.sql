-- Links have a short code and tags.
ALTER TABLE "Link" ADD COLUMN "shortCode" TEXT,
ADD COLUMN "tags" TEXT[] NOT NULL DEFAULT ARRAY[]::TEXT[];

CREATE UNIQUE INDEX "Link_workspaceId_shortCode_key" ON "Link"("workspaceId", "shortCode");
