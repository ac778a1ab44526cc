-- The revenue of each cohort by month, kept with each change of customers and the ledger, so that reading it does not depend
-- on how many there are. A cohort is the customers of a workspace who were acquired in the same month.

-- Of each cohort, in each place: how many customers bought in the month that lies so many months after the first one, and the
-- revenue of it. What was sold before the first month counts in it, without buyers. In place -1, how many customers it has.
CREATE TABLE "CohortRevenue" (
    "workspaceId" TEXT COLLATE "C" NOT NULL,
    "isIdentified" BOOLEAN NOT NULL,
    "cohort" INTEGER NOT NULL,
    "place" INTEGER NOT NULL,
    "customers" INTEGER NOT NULL,
    "amountMinor" DECIMAL(38,0) NOT NULL,

    CONSTRAINT "CohortRevenue_pkey" PRIMARY KEY ("workspaceId","isIdentified","cohort","place")
);
ALTER TABLE "CohortRevenue" ADD CONSTRAINT "CohortRevenue_workspaceId_fkey" FOREIGN KEY ("workspaceId")
  REFERENCES "Workspace"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- What has yet to be added to it. Each writer adds rows of its own here, so that none waits for another one.
CREATE TABLE "CohortRevenueChange" (
    "workspaceId" TEXT COLLATE "C" NOT NULL,
    "id" BIGSERIAL NOT NULL,
    "isIdentified" BOOLEAN NOT NULL,
    "cohort" INTEGER NOT NULL,
    "place" INTEGER NOT NULL,
    "customers" INTEGER NOT NULL,
    "amountMinor" DECIMAL(38,0) NOT NULL,

    CONSTRAINT "CohortRevenueChange_pkey" PRIMARY KEY ("workspaceId","id")
);
ALTER TABLE "CohortRevenueChange" ADD CONSTRAINT "CohortRevenueChange_workspaceId_fkey" FOREIGN KEY ("workspaceId")
  REFERENCES "Workspace"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- The start of a month in a time zone, by the number of months since December 1969, which has the number 1; all before has 0. It is
-- the first of two midnights where clocks are set back over it.
CREATE FUNCTION "deskgraph_month_start"(month integer, zone text) RETURNS timestamptz LANGUAGE plpgsql STABLE AS $$
DECLARE
  midnight constant timestamp := timestamp '1969-11-01' + month * interval '1 month';
  earlier constant timestamptz := (midnight - interval '1 hour') AT TIME ZONE zone + interval '1 hour';
BEGIN
  IF month < 1 THEN RETURN '-infinity'; END IF;
  RETURN CASE WHEN earlier AT TIME ZONE zone = midnight THEN earlier ELSE midnight AT TIME ZONE zone END;
END
$$;

-- The month that a time lies in.
CREATE FUNCTION "deskgraph_month"(t timestamptz, zone text) RETURNS integer LANGUAGE plpgsql STABLE
SET search_path FROM CURRENT AS $$
DECLARE
  local constant timestamp := t AT TIME ZONE zone;
  month constant integer := extract(year FROM local) * 12 + extract(month FROM local) - 1970 * 12 + 1;
BEGIN
  -- Behind the later one of two midnights the day before it goes on by the clock.
  RETURN GREATEST(CASE WHEN t >= "deskgraph_month_start"(month + 1, zone) THEN month + 1 ELSE month END, 0);
END
$$;

-- What customers of a workspace bought, by month; all of them where no ids are given.
CREATE FUNCTION "deskgraph_bought"(workspace text, zone text, ids text[])
RETURNS TABLE ("customerId" text, "month" integer, "amountMinor" numeric, "isActive" boolean)
LANGUAGE sql STABLE SET search_path FROM CURRENT AS $$
  SELECT c."customerId", "deskgraph_month"(c."occurredAt", zone), sum(c."baseAmountMinor"), bool_or(c."refundOfId" IS NULL)
  FROM "Conversion" AS c
  WHERE c."workspaceId" = workspace AND c."class" = 'SALE' AND c."status" IN ('PENDING', 'APPROVED')
    AND (ids IS NULL OR c."customerId" = ANY(ids))
  GROUP BY 1, 2
$$;

-- What all customers of a workspace make, as rows of the tables above.
CREATE FUNCTION "deskgraph_cohorts"(workspace text)
RETURNS TABLE ("isIdentified" boolean, "cohort" integer, "place" integer, "customers" bigint, "amountMinor" numeric)
LANGUAGE sql STABLE SET search_path FROM CURRENT AS $$
  WITH zone AS (SELECT w."timezone" AS name FROM "Workspace" AS w WHERE w."id" = workspace),
  member AS MATERIALIZED (
    SELECT r."id", r."externalId" IS NOT NULL OR r."wasIdentified" AS "isIdentified",
      "deskgraph_month"(COALESCE(r."acquiredAt", r."createdAt"), zone.name) AS "cohort"
    FROM "Customer" AS r, zone WHERE r."workspaceId" = workspace AND r."mergedIntoId" IS NULL
  )
  SELECT m."isIdentified", m."cohort", -1, count(*), 0 FROM member AS m GROUP BY 1, 2
  UNION ALL
  SELECT m."isIdentified", m."cohort", GREATEST(b."month" - m."cohort", 0),
    count(*) FILTER (WHERE b."isActive" AND b."month" >= m."cohort"), sum(b."amountMinor")
  FROM member AS m JOIN zone ON true JOIN "deskgraph_bought"(workspace, zone.name, NULL) AS b ON b."customerId" = m."id"
  GROUP BY 1, 2, 3
$$;

-- Adds what has come since it was last added. Whoever finds another one at it leaves it to that one.
CREATE FUNCTION "deskgraph_add_cohort_changes"(workspace text) RETURNS void LANGUAGE plpgsql
SET search_path FROM CURRENT AS $$
BEGIN
  IF NOT pg_try_advisory_xact_lock(hashtextextended('cohorts ' || workspace, 0)) THEN RETURN; END IF;
  WITH taken AS (
    DELETE FROM "CohortRevenueChange" WHERE "workspaceId" = workspace RETURNING *
  )
  INSERT INTO "CohortRevenue" AS r ("workspaceId", "isIdentified", "cohort", "place", "customers", "amountMinor")
    SELECT workspace, t."isIdentified", t."cohort", t."place", sum(t."customers"), sum(t."amountMinor")
    FROM taken AS t GROUP BY 2, 3, 4 ORDER BY 2, 3, 4
    ON CONFLICT ("workspaceId", "isIdentified", "cohort", "place") DO UPDATE
    SET "customers" = r."customers" + excluded."customers", "amountMinor" = r."amountMinor" + excluded."amountMinor";
END
$$;

CREATE FUNCTION "deskgraph_cohort_change_added"() RETURNS trigger LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
BEGIN
  PERFORM "deskgraph_add_cohort_changes"(NEW."workspaceId");
  RETURN NULL;
END
$$;
CREATE TRIGGER "CohortRevenueChange_added" AFTER INSERT ON "CohortRevenueChange" FOR EACH ROW
  WHEN (NEW."id" % 256 = 0) EXECUTE FUNCTION "deskgraph_cohort_change_added"();

-- Adds what is missing in a workspace, and takes away what is too much. Truth and sums are read by one statement and the
-- difference is a change as others are, so nobody needs to wait. Returns how many places were wrong.
CREATE FUNCTION "deskgraph_mend_cohorts"(workspace text) RETURNS integer LANGUAGE plpgsql
SET search_path FROM CURRENT AS $$
DECLARE
  mended integer;
BEGIN
  -- Two at once would both add what is missing.
  PERFORM pg_advisory_xact_lock(hashtextextended('mended cohorts ' || workspace, 0));
  INSERT INTO "CohortRevenueChange" ("workspaceId", "isIdentified", "cohort", "place", "customers", "amountMinor")
    SELECT workspace, d."isIdentified", d."cohort", d."place", sum(d."customers"), sum(d."amountMinor") FROM (
      SELECT * FROM "deskgraph_cohorts"(workspace)
      UNION ALL
      SELECT "isIdentified", "cohort", "place", -"customers", -"amountMinor" FROM "CohortRevenue"
      WHERE "workspaceId" = workspace
      UNION ALL
      SELECT "isIdentified", "cohort", "place", -"customers", -"amountMinor" FROM "CohortRevenueChange"
      WHERE "workspaceId" = workspace
    ) AS d GROUP BY 2, 3, 4 HAVING sum(d."customers") <> 0 OR sum(d."amountMinor") <> 0;
  GET DIAGNOSTICS mended = ROW_COUNT;
  RETURN mended;
END
$$;

-- New customers have no ledger yet.
CREATE FUNCTION "deskgraph_cohorts_grown"() RETURNS trigger LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
BEGIN
  INSERT INTO "CohortRevenueChange" ("workspaceId", "isIdentified", "cohort", "place", "customers", "amountMinor")
    SELECT n."workspaceId", n."externalId" IS NOT NULL OR n."wasIdentified",
      "deskgraph_month"(COALESCE(n."acquiredAt", n."createdAt"), w."timezone"), -1, count(*), 0
    FROM "new_customers" AS n JOIN "Workspace" AS w ON w."id" = n."workspaceId"
    WHERE n."mergedIntoId" IS NULL GROUP BY 1, 2, 3;
  RETURN NULL;
END
$$;
CREATE TRIGGER "Customer_cohorts_grown" AFTER INSERT ON "Customer"
  REFERENCING NEW TABLE AS "new_customers" FOR EACH STATEMENT EXECUTE FUNCTION "deskgraph_cohorts_grown"();

-- A customer who is in another cohort now takes its whole ledger along. One that is deleted does so before its ledger is.
CREATE FUNCTION "deskgraph_cohort_changed"() RETURNS trigger LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
BEGIN
  INSERT INTO "CohortRevenueChange" ("workspaceId", "isIdentified", "cohort", "place", "customers", "amountMinor")
    SELECT OLD."workspaceId", v."isIdentified", v."cohort", s."place", sum(v.sign * s."customers"),
      sum(v.sign * s."amountMinor")
    FROM "Workspace" AS w CROSS JOIN LATERAL (VALUES
      (-1, OLD."mergedIntoId" IS NULL, OLD."externalId" IS NOT NULL OR OLD."wasIdentified",
        "deskgraph_month"(COALESCE(OLD."acquiredAt", OLD."createdAt"), w."timezone")),
      (1, TG_OP = 'UPDATE' AND NEW."mergedIntoId" IS NULL, NEW."externalId" IS NOT NULL OR NEW."wasIdentified",
        "deskgraph_month"(COALESCE(NEW."acquiredAt", NEW."createdAt"), w."timezone"))
    ) AS v(sign, "isMember", "isIdentified", "cohort") CROSS JOIN LATERAL (
      SELECT -1 AS "place", 1 AS "customers", 0 AS "amountMinor"
      UNION ALL
      SELECT GREATEST(b."month" - v."cohort", 0), (b."isActive" AND b."month" >= v."cohort")::int, b."amountMinor"
      FROM "deskgraph_bought"(w."id", w."timezone", ARRAY[OLD."id"]) AS b
    ) AS s
    WHERE w."id" = OLD."workspaceId" AND v."isMember" GROUP BY 2, 3, 4;
  RETURN OLD;
END
$$;
CREATE TRIGGER "Customer_cohort_changed" AFTER UPDATE ON "Customer" FOR EACH ROW
  WHEN ((OLD."externalId" IS NOT NULL OR OLD."wasIdentified", OLD."mergedIntoId" IS NULL,
      COALESCE(OLD."acquiredAt", OLD."createdAt")) IS DISTINCT FROM
    (NEW."externalId" IS NOT NULL OR NEW."wasIdentified", NEW."mergedIntoId" IS NULL,
      COALESCE(NEW."acquiredAt", NEW."createdAt")))
  EXECUTE FUNCTION "deskgraph_cohort_changed"();
CREATE TRIGGER "Customer_cohort_deleted" BEFORE DELETE ON "Customer" FOR EACH ROW
  EXECUTE FUNCTION "deskgraph_cohort_changed"();

-- A change of the ledger, while its customers are locked. Whether a customer buys in a month at all changes with the first
-- sale of the month and with the last one: `sales` counts those that are there now, no further than that needs.
CREATE FUNCTION "deskgraph_ledger_changed"() RETURNS trigger LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
DECLARE
  gone "Conversion"[];
  come "Conversion"[];
BEGIN
  IF TG_OP <> 'INSERT' THEN
    gone := ARRAY(SELECT o FROM old_rows AS o WHERE o."class" = 'SALE' AND o."status" IN ('PENDING', 'APPROVED'));
  END IF;
  IF TG_OP <> 'DELETE' THEN
    come := ARRAY(SELECT n FROM new_rows AS n WHERE n."class" = 'SALE' AND n."status" IN ('PENDING', 'APPROVED'));
  END IF;
  INSERT INTO "CohortRevenueChange" ("workspaceId", "isIdentified", "cohort", "place", "customers", "amountMinor")
    WITH rows AS (
      SELECT -1 AS sign, o.* FROM unnest(gone) AS o UNION ALL SELECT 1, n.* FROM unnest(come) AS n
    ), months AS (
      SELECT l."workspaceId", l."customerId", w."timezone" AS zone,
        "deskgraph_month"(l."occurredAt", w."timezone") AS "month", sum(l.sign * l."baseAmountMinor") AS "amountMinor",
        count(*) FILTER (WHERE l.sign > 0 AND l."refundOfId" IS NULL)
          - count(*) FILTER (WHERE l.sign < 0 AND l."refundOfId" IS NULL) AS more
      FROM rows AS l JOIN "Workspace" AS w ON w."id" = l."workspaceId" GROUP BY 1, 2, 3, 4
    ), members AS (
      SELECT m.*, r."externalId" IS NOT NULL OR r."wasIdentified" AS "isIdentified",
        "deskgraph_month"(COALESCE(r."acquiredAt", r."createdAt"), m.zone) AS "cohort"
      FROM months AS m JOIN "Customer" AS r ON r."workspaceId" = m."workspaceId" AND r."id" = m."customerId"
      WHERE r."mergedIntoId" IS NULL AND (m."amountMinor" <> 0 OR m.more <> 0)
    )
    SELECT m."workspaceId", m."isIdentified", m."cohort", GREATEST(m."month" - m."cohort", 0),
      COALESCE(sum((s.sales > 0)::int - (s.sales > m.more)::int) FILTER (WHERE m."month" >= m."cohort"), 0),
      sum(m."amountMinor")
    FROM members AS m CROSS JOIN LATERAL (
      SELECT count(*) AS sales FROM (
        SELECT FROM "Conversion" AS c
        WHERE c."workspaceId" = m."workspaceId" AND c."customerId" = m."customerId" AND c."class" = 'SALE'
          AND c."status" IN ('PENDING', 'APPROVED') AND c."refundOfId" IS NULL
          AND c."occurredAt" >= "deskgraph_month_start"(m."month", m.zone)
          AND c."occurredAt" < "deskgraph_month_start"(m."month" + 1, m.zone)
        LIMIT GREATEST(m.more, 0) + 1
      ) AS one
    ) AS s GROUP BY 1, 2, 3, 4;
  RETURN NULL;
END
$$;
CREATE TRIGGER "Conversion_ledger_grown" AFTER INSERT ON "Conversion"
  REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION "deskgraph_ledger_changed"();
CREATE TRIGGER "Conversion_ledger_changed" AFTER UPDATE ON "Conversion"
  REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT
  EXECUTE FUNCTION "deskgraph_ledger_changed"();
CREATE TRIGGER "Conversion_ledger_shrunk" AFTER DELETE ON "Conversion"
  REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION "deskgraph_ledger_changed"();

SELECT "deskgraph_mend_cohorts"("id") FROM "Workspace";
