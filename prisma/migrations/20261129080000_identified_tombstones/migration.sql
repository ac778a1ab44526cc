-- Whether a deleted customer had an externalId, so that figures of identified customers go on counting it.
ALTER TABLE "Customer" ADD COLUMN "wasIdentified" BOOLEAN NOT NULL DEFAULT false;

-- Of those deleted before it is not known; whoever has bought or clicked was tracked.
UPDATE "Customer" SET "wasIdentified" = true
  WHERE "deletedAt" IS NOT NULL AND "mergedIntoId" IS NULL AND ("salesCount" > 0 OR "acquiredAt" IS NOT NULL);
