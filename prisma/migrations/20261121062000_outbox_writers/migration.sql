-- Readers of the outbox find those who write to it by their locks, so places need no id of their transaction any more.
ALTER TABLE "DomainEvent" ALTER COLUMN "seq" SET DEFAULT nextval('"DomainEvent_seq_seq"');
DROP FUNCTION next_event_seq();
