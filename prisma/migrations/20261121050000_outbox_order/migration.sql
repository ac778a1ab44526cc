-- The outbox is read in the order of "seq". A transaction has its id before it takes its first place in that order, so
-- that once every transaction with an id below some limit has ended, no place taken before can still come to light.
DROP INDEX "DomainEvent_workspaceId_txid_seq_idx";
ALTER TABLE "DomainEvent" DROP COLUMN "txid";
CREATE FUNCTION next_event_seq() RETURNS bigint LANGUAGE plpgsql AS $$
BEGIN
  PERFORM pg_current_xact_id();
  RETURN nextval('"DomainEvent_seq_seq"');
END $$;
ALTER TABLE "DomainEvent" ALTER COLUMN "seq" SET DEFAULT next_event_seq();
CREATE UNIQUE INDEX "DomainEvent_workspaceId_seq_key" ON "DomainEvent"("workspaceId", "seq");
