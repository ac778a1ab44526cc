-- Customers from before the form of E.164 was kept get theirs by the job that derives it. A new database has none of
-- them, and no queue yet.
DO $$ BEGIN
  IF to_regnamespace('deskgraph_jobs') IS NOT NULL THEN
    PERFORM deskgraph_jobs.add_job('customer.phones', json_build_object('workspaceId', r."workspaceId"))
    FROM (
      SELECT DISTINCT "workspaceId" FROM "Customer" WHERE "phone" IS NOT NULL AND "phoneE164" IS NULL
    ) AS r;
  END IF;
END $$;
