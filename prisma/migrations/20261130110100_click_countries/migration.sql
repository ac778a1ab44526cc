-- The country that a visit came from.
ALTER TABLE "Click" ADD COLUMN "country" TEXT;

-- Counting the visits of a time by country reads this alone. No click has a country yet, so that there is nothing to sort
-- while the table is locked.
CREATE INDEX "Click_country_idx" ON "Click"("workspaceId", "occurredAt", "country") WHERE "country" IS NOT NULL;
