-- People have several e-mail addresses: one primary, and others that lead to them as well. The table of customers is
-- rewritten once, since what search reads of them contains the other addresses.
ALTER TABLE "Customer" ADD COLUMN "otherEmails" TEXT[] DEFAULT ARRAY[]::TEXT[];

-- Each address of each customer as it is compared, kept by the database: by it an address finds its customer, and no two
-- customers of a workspace have the same.
CREATE TABLE "CustomerEmail" (
    "workspaceId" TEXT COLLATE "C" NOT NULL,
    "key" TEXT COLLATE "C" NOT NULL,
    "customerId" TEXT COLLATE "C" NOT NULL,

    CONSTRAINT "CustomerEmail_pkey" PRIMARY KEY ("workspaceId","key")
);

INSERT INTO "CustomerEmail" ("workspaceId", "key", "customerId")
SELECT "workspaceId", lower("email"), "id" FROM "Customer" WHERE "email" IS NOT NULL;

CREATE INDEX "CustomerEmail_workspaceId_customerId_idx" ON "CustomerEmail"("workspaceId", "customerId");
ALTER TABLE "CustomerEmail" ADD CONSTRAINT "CustomerEmail_workspaceId_customerId_fkey" FOREIGN KEY ("workspaceId", "customerId")
  REFERENCES "Customer"("workspaceId", "id") ON DELETE CASCADE ON UPDATE CASCADE;

-- Who creates a customer has looked for its addresses before. If one was taken since, the transaction is to begin again and
-- finds it, as it does where the index on the primary address passes a row over.
CREATE FUNCTION "deskgraph_new_emails"() RETURNS trigger LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
BEGIN
  INSERT INTO "CustomerEmail" ("workspaceId", "key", "customerId")
    SELECT DISTINCT n."workspaceId", lower(a."address"), n."id"
    FROM "new_customers" AS n, unnest(array_append(n."otherEmails", n."email")) AS a("address")
    WHERE a."address" IS NOT NULL;
  RETURN NULL;
EXCEPTION WHEN unique_violation THEN
  RAISE EXCEPTION 'An e-mail address of a new customer was taken meanwhile.' USING ERRCODE = 'serialization_failure';
END
$$;
CREATE TRIGGER "Customer_new_emails" AFTER INSERT ON "Customer"
  REFERENCING NEW TABLE AS "new_customers" FOR EACH STATEMENT EXECUTE FUNCTION "deskgraph_new_emails"();

CREATE FUNCTION "deskgraph_changed_emails"() RETURNS trigger LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
BEGIN
  DELETE FROM "CustomerEmail" WHERE "workspaceId" = OLD."workspaceId" AND "customerId" = OLD."id";
  INSERT INTO "CustomerEmail" ("workspaceId", "key", "customerId")
    SELECT DISTINCT NEW."workspaceId", lower(a."address"), NEW."id"
    FROM unnest(array_append(NEW."otherEmails", NEW."email")) AS a("address") WHERE a."address" IS NOT NULL;
  RETURN NULL;
END
$$;
CREATE TRIGGER "Customer_changed_emails" AFTER UPDATE OF "email", "otherEmails" ON "Customer" FOR EACH ROW
  WHEN (OLD."email" IS DISTINCT FROM NEW."email" OR OLD."otherEmails" IS DISTINCT FROM NEW."otherEmails")
  EXECUTE FUNCTION "deskgraph_changed_emails"();

ALTER TABLE "Customer" DROP COLUMN "search", ADD COLUMN "search" tsvector GENERATED ALWAYS AS (
  "deskgraph_vector"("name", 'A') || "deskgraph_vector"("email", 'B') ||
  "deskgraph_vector"("deskgraph_lines"("otherEmails"), 'B') ||
  "deskgraph_vector"(COALESCE("externalId", '') || E'\n' || COALESCE("phone", ''), 'C')
) STORED;
CREATE INDEX "Customer_search_idx" ON "Customer" USING GIN ("workspaceId", "search") WITH (gin_pending_list_limit = 256);

DROP INDEX "Customer_similar_idx";
CREATE INDEX "Customer_similar_idx" ON "Customer"
  USING GIN ("workspaceId", "deskgraph_folded"(COALESCE("name", '') || ' ' || COALESCE("email", '') || ' '
    || COALESCE("deskgraph_lines"("otherEmails"), '')) gin_trgm_ops)
  WITH (gin_pending_list_limit = 256);
