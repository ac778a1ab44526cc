-- A short number per conversation, counted per workspace, and tags on conversations.
CREATE TABLE "ConversationCounter" (
  "workspaceId" TEXT NOT NULL,
  "last" INTEGER NOT NULL,
  CONSTRAINT "ConversationCounter_pkey" PRIMARY KEY ("workspaceId"),
  CONSTRAINT "ConversationCounter_workspaceId_fkey" FOREIGN KEY ("workspaceId") REFERENCES "Workspace"("id") ON DELETE CASCADE ON UPDATE CASCADE
);

-- 0 stands for the next number until the trigger has taken it.
ALTER TABLE "Conversation" ADD COLUMN "number" INTEGER NOT NULL DEFAULT 0,
  ADD COLUMN "tags" TEXT[] DEFAULT ARRAY[]::TEXT[];

UPDATE "Conversation" AS c SET "number" = counted."number" FROM (
  SELECT "workspaceId", "id", row_number() OVER (PARTITION BY "workspaceId" ORDER BY "createdAt", "id") AS "number" FROM "Conversation"
) AS counted
WHERE c."workspaceId" = counted."workspaceId" AND c."id" = counted."id";

INSERT INTO "ConversationCounter" ("workspaceId", "last")
SELECT "workspaceId", max("number") FROM "Conversation" GROUP BY "workspaceId";

-- The row of the counter stays locked until the transaction ends, so that a number is lost only with a conversation.
CREATE FUNCTION "deskgraph_next_number"() RETURNS trigger LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
BEGIN
  INSERT INTO "ConversationCounter" ("workspaceId", "last") VALUES (NEW."workspaceId", 1)
    ON CONFLICT ("workspaceId") DO UPDATE SET "last" = "ConversationCounter"."last" + 1
    RETURNING "last" INTO NEW."number";
  RETURN NEW;
END
$$;
CREATE TRIGGER "Conversation_number" BEFORE INSERT ON "Conversation"
  FOR EACH ROW WHEN (NEW."number" = 0) EXECUTE FUNCTION "deskgraph_next_number"();

-- array_to_string takes any type, whose text may depend on the session; that of texts does not.
CREATE FUNCTION "deskgraph_lines"(text[]) RETURNS text LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
  SELECT array_to_string($1, E'\n')
$$;

ALTER TABLE "Conversation" DROP COLUMN "search", ADD COLUMN "search" tsvector GENERATED ALWAYS AS (
  "deskgraph_vector"("subject", 'A') || "deskgraph_vector"("lastMessagePreview", 'B') || "deskgraph_vector"("externalId", 'C')
  || "deskgraph_vector"("deskgraph_lines"("tags"), 'C')
) STORED;

CREATE UNIQUE INDEX "Conversation_workspaceId_number_key" ON "Conversation"("workspaceId", "number");
CREATE INDEX "Conversation_tags_idx" ON "Conversation" USING GIN ("workspaceId", "tags") WHERE cardinality("tags") > 0;
CREATE INDEX "Conversation_search_idx" ON "Conversation" USING GIN ("workspaceId", "search") WITH (gin_pending_list_limit = 256);
