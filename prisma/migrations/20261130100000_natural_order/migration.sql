-- Names sort as people expect: by letters before accents and case, and numbers by their value. The older way to write
-- the option is taken by every version of ICU. The collation is deterministic, so equal still means the same bytes.
CREATE COLLATION "natural" (provider = icu, locale = '@colNumeric=yes');

DROP INDEX "Customer_name_idx";
CREATE INDEX "Customer_name_idx" ON "Customer"
  ("workspaceId", (lower(COALESCE("name", '') COLLATE "C") COLLATE "natural"), "id")
  WHERE "deletedAt" IS NULL AND "mergedIntoId" IS NULL;
