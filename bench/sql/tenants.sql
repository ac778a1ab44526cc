-- What PostGraphile as it is deployed has the database do: a role that owns nothing sees the rows of the workspace that a
-- setting names, and a change of a conversation is told by a row. `"bench_tenant"` is replaced by the name of the role.
CREATE ROLE "bench_tenant" NOLOGIN;
GRANT USAGE ON SCHEMA public TO "bench_tenant";
GRANT SELECT ON "Customer", "Agent", "Conversation", "Message" TO "bench_tenant";
GRANT UPDATE ON "Conversation" TO "bench_tenant";

ALTER TABLE "Customer" ENABLE ROW LEVEL SECURITY;
ALTER TABLE "Agent" ENABLE ROW LEVEL SECURITY;
ALTER TABLE "Conversation" ENABLE ROW LEVEL SECURITY;
ALTER TABLE "Message" ENABLE ROW LEVEL SECURITY;
CREATE POLICY tenant ON "Customer" TO "bench_tenant" USING ("workspaceId" = current_setting('bench.workspace'));
CREATE POLICY tenant ON "Agent" TO "bench_tenant" USING ("workspaceId" = current_setting('bench.workspace'));
CREATE POLICY tenant ON "Conversation" TO "bench_tenant" USING ("workspaceId" = current_setting('bench.workspace'));
CREATE POLICY tenant ON "Message" TO "bench_tenant" USING ("workspaceId" = current_setting('bench.workspace'));

-- As its owner, so that the role writes no events but those of its changes.
CREATE FUNCTION bench_tell_status() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public AS $$
BEGIN
  INSERT INTO "DomainEvent" ("workspaceId", "id", "type", "entityId", "actorId", "data")
  VALUES (NEW."workspaceId", 'evt_' || gen_random_uuid(), 'conversation.status_changed', NEW."id", current_setting('bench.key'),
          jsonb_build_object('before', jsonb_build_object('status', OLD."status"), 'after', jsonb_build_object('status', NEW."status")));
  RETURN NULL;
END $$;

-- Other servers on this database are other roles, and tell their changes themselves or not at all.
CREATE TRIGGER bench_tell_status AFTER UPDATE OF "status" ON "Conversation" FOR EACH ROW
  WHEN (current_user = 'bench_tenant' AND OLD."status" IS DISTINCT FROM NEW."status") EXECUTE FUNCTION bench_tell_status();
