-- The customers who have an externalId, whom integrations list and count: often few among many contacts.
CREATE INDEX "Customer_identified_idx" ON "Customer" ("workspaceId", "createdAt", "id")
  WHERE "deletedAt" IS NULL AND "mergedIntoId" IS NULL AND "externalId" IS NOT NULL;
