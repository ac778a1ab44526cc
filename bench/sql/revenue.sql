-- A shop with :sales conversions of a third as many customers over five years, and a click for every second customer. Of the
-- customers one has 10,000 conversations of five messages each, and 1,000 have three.
-- Every choice is arithmetic on a row's number, with steps that share no factor with the sizes.
\set ON_ERROR_STOP on
-- Row by row, triggers would take longer than all else.
SET session_replication_role = replica;
INSERT INTO "Workspace" ("id", "name", "timezone", "currency", "entitlements")
VALUES ('wrk_revenue', 'Revenue', 'Europe/Berlin', 'EUR', '{REVENUE_TRACKING}');
INSERT INTO "Customer" ("workspaceId", "id", "externalId", "createdAt")
SELECT 'wrk_revenue', 'ctc_' || n, 'u' || n, timestamptz '2021-01-01' + n % 1800 * interval '1 day' + n % 86400 * interval '1 second'
FROM generate_series(0, :sales / 3 - 1) AS n;
INSERT INTO "Campaign" ("workspaceId", "id", "name") SELECT 'wrk_revenue', 'cmp_' || n, 'Campaign ' || n FROM generate_series(0, 19) AS n;
INSERT INTO "Click" ("workspaceId", "id", "clickId", "campaignId", "customerId", "source", "occurredAt")
SELECT 'wrk_revenue', 'clk_' || n, 'k' || n, 'cmp_' || n % 20, 'ctc_' || n * 2, 'source ' || n % 50,
  timestamptz '2021-01-01' + n * 2 % 1800 * interval '1 day'
FROM generate_series(0, :sales / 6 - 1) AS n;
INSERT INTO "Conversion" ("workspaceId", "id", "customerId", "class", "status", "orderId", "amountMinor", "currency", "rate",
  "baseAmountMinor", "occurredAt")
SELECT 'wrk_revenue', 'cnv_' || n, 'ctc_' || n::bigint * 7919 % (:sales / 3), 'SALE',
  (CASE WHEN n % 50 = 0 THEN 'FRAUD' ELSE 'APPROVED' END)::"ConversionStatus", 'o' || n, n % 9973, 'EUR', '1', n % 9973,
  timestamptz '2021-01-01' + (n::bigint * 7919 % (:sales / 3) % 1800 + n % 400) * interval '1 day'
FROM generate_series(0, :sales - 1) AS n;
UPDATE "Customer" AS r SET "ltvMinor" = s.amount, "salesCount" = s.sales, "firstSaleAt" = s.first,
  "acquiredAt" = (SELECT min(k."occurredAt") FROM "Click" AS k WHERE k."workspaceId" = 'wrk_revenue' AND k."customerId" = r."id")
FROM (
  SELECT c."customerId", sum(c."baseAmountMinor") AS amount, count(*) AS sales, min(c."occurredAt") AS first
  FROM "Conversion" AS c WHERE c."workspaceId" = 'wrk_revenue' AND c."status" = 'APPROVED' GROUP BY 1
) AS s WHERE r."workspaceId" = 'wrk_revenue' AND r."id" = s."customerId";
RESET session_replication_role;
SELECT "deskgraph_mend_cohorts"('wrk_revenue');
INSERT INTO "Conversation" ("workspaceId", "id", "customerId", "source", "createdAt", "lastMessageAt")
SELECT 'wrk_revenue', 'thd_' || n, 'ctc_' || CASE WHEN n < 10000 THEN 1 ELSE 2 + n % 1000 END, 'EMAIL',
  timestamptz '2023-01-01' + n * interval '1 hour', timestamptz '2023-01-01' + n * interval '1 hour' + interval '20 minutes'
FROM generate_series(0, 12999) AS n;
INSERT INTO "Message" ("workspaceId", "id", "conversationId", "direction", "text", "preview", "status", "sentAt")
SELECT 'wrk_revenue', 'msg_' || n || '_' || m, 'thd_' || n, 'INBOUND', 'Hello', 'Hello', 'RECEIVED',
  timestamptz '2023-01-01' + n * interval '1 hour' + m * interval '5 minutes'
FROM generate_series(0, 12999) AS n, generate_series(0, 4) AS m;
VACUUM ANALYZE "CohortRevenue", "CohortRevenueChange", "Customer", "Click", "Conversion", "Conversation", "Message";
