-- How many days events are kept; null for ever. And the last seq of those that were removed.
ALTER TABLE "Workspace" ADD COLUMN "eventRetentionDays" INTEGER, ADD COLUMN "eventsRemovedUpTo" BIGINT NOT NULL DEFAULT 0;

-- Tables that grow for ever are vacuumed and analysed after a number of changes, not a share of what is there: of ten million
-- rows a fifth would be two million, between which the planner knows nothing of what came, and index-only scans visit the table.
ALTER TABLE "DomainEvent" SET (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 50000,
  autovacuum_vacuum_insert_scale_factor = 0, autovacuum_vacuum_insert_threshold = 100000,
  autovacuum_analyze_scale_factor = 0.01, autovacuum_analyze_threshold = 10000);
ALTER TABLE "Message" SET (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 50000,
  autovacuum_vacuum_insert_scale_factor = 0, autovacuum_vacuum_insert_threshold = 100000,
  autovacuum_analyze_scale_factor = 0.01, autovacuum_analyze_threshold = 10000);
ALTER TABLE "Conversation" SET (autovacuum_vacuum_scale_factor = 0.01, autovacuum_vacuum_threshold = 10000,
  autovacuum_analyze_scale_factor = 0.01, autovacuum_analyze_threshold = 10000);
ALTER TABLE "Customer" SET (autovacuum_vacuum_scale_factor = 0.01, autovacuum_vacuum_threshold = 10000,
  autovacuum_analyze_scale_factor = 0.01, autovacuum_analyze_threshold = 10000);

-- Rows that come and go: what is dead is taken away before an index on it is mostly dead.
ALTER TABLE "IdempotencyRecord" SET (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 5000);
ALTER TABLE "WebhookDelivery" SET (autovacuum_vacuum_scale_factor = 0.01, autovacuum_vacuum_threshold = 10000);
ALTER TABLE "CohortRevenueChange" SET (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 1000);
