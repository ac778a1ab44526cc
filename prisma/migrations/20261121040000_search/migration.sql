-- Search on PostgreSQL's own indexes: words by full text, misspelt names by trigrams. Both extensions are trusted.
CREATE EXTENSION IF NOT EXISTS pg_trgm;
CREATE EXTENSION IF NOT EXISTS unaccent;

-- Words of any language as they are, without accents and case: no stemming, no stop words.
CREATE TEXT SEARCH CONFIGURATION "deskgraph" (COPY = simple);
ALTER TEXT SEARCH CONFIGURATION "deskgraph"
  ALTER MAPPING FOR word, asciiword, numword, hword, asciihword, numhword, hword_part, hword_asciipart, hword_numpart
  WITH unaccent, simple;

-- The words of a text, parted by blanks alone. The parser takes addresses, paths and hyphenated words for one word
-- each, and drops what looks like a tag; a query could not find the parts. Bounded, because a vector has at most 1 MiB.
CREATE FUNCTION "deskgraph_words"(text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT translate(
    normalize(left($1, 100000), NFC),
    E'!"#$%&''()*+,-./:;<=>?@[\\]^_`{|}~\u00A0\u00A1\u00AB\u00B7\u00BB\u00BF\u2010\u2011\u2012\u2013\u2014\u2018\u2019\u201A\u201C\u201D\u201E\u2022\u2026\u2039\u203A\u3000\u3001\u3002\u300C\u300D\uFF01\uFF08\uFF09\uFF0C\uFF1A\uFF1B\uFF1F',
    repeat(' ', 65)
  )
$$;

-- Names and addresses as trigrams see them. unaccent is only declared stable, since its dictionary can be exchanged; here
-- it is named with its schema, because maintenance computes indexes without a search path.
DO $do$
DECLARE
  home text := (SELECT nspname FROM pg_extension JOIN pg_namespace AS n ON n.oid = extnamespace WHERE extname = 'unaccent');
BEGIN
  EXECUTE format(
    $make$CREATE FUNCTION "deskgraph_folded"(text) RETURNS text LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $$
      BEGIN RETURN lower(%1$I.unaccent(%2$L::regdictionary, normalize($1, NFC))); END
    $$ $make$,
    home, format('%I.unaccent', home)
  );
END
$do$;

-- What each row is found by. A phone number is one word as well as its parts.
ALTER TABLE "Customer" ADD COLUMN "search" tsvector GENERATED ALWAYS AS (
  setweight(to_tsvector('deskgraph', "deskgraph_words"(COALESCE("name", ''))), 'A') ||
  setweight(to_tsvector('deskgraph', "deskgraph_words"(COALESCE("email", ''))), 'B') ||
  setweight(to_tsvector('deskgraph', "deskgraph_words"(
    COALESCE("externalId", '') || ' ' || COALESCE("phone", '') || ' ' || regexp_replace(COALESCE("phone", ''), '[^0-9]', '', 'g')
  )), 'C')
) STORED;

ALTER TABLE "Conversation" ADD COLUMN "search" tsvector GENERATED ALWAYS AS (
  setweight(to_tsvector('deskgraph', "deskgraph_words"(COALESCE("subject", ''))), 'A') ||
  setweight(to_tsvector('deskgraph', "deskgraph_words"("lastMessagePreview")), 'B')
) STORED;

ALTER TABLE "Message" ADD COLUMN "search" tsvector
  GENERATED ALWAYS AS (to_tsvector('deskgraph', "deskgraph_words"("text"))) STORED;

-- New entries wait in a list that every search reads from end to end, so it is kept short.
CREATE INDEX "Customer_search_idx" ON "Customer" USING GIN ("workspaceId", "search") WITH (gin_pending_list_limit = 256);
CREATE INDEX "Customer_similar_idx" ON "Customer"
  USING GIN ("workspaceId", "deskgraph_folded"(COALESCE("name", '') || ' ' || COALESCE("email", '')) gin_trgm_ops)
  WITH (gin_pending_list_limit = 256);
CREATE INDEX "Conversation_search_idx" ON "Conversation" USING GIN ("workspaceId", "search") WITH (gin_pending_list_limit = 256);
CREATE INDEX "Message_search_idx" ON "Message" USING GIN ("workspaceId", "search") WITH (gin_pending_list_limit = 256);

-- The newest messages of the workspace, where a search looks first.
CREATE INDEX "Message_workspaceId_sentAt_id_idx" ON "Message"("workspaceId", "sentAt", "id");

-- Lists show no customer that was deleted or merged, so their indexes hold none: a page never steps over them.
DROP INDEX "Customer_workspaceId_createdAt_id_idx", "Customer_workspaceId_ltvMinor_id_idx", "Customer_activity_idx", "Customer_name_idx";
CREATE INDEX "Customer_created_idx" ON "Customer"("workspaceId", "createdAt", "id")
  WHERE "deletedAt" IS NULL AND "mergedIntoId" IS NULL;
CREATE INDEX "Customer_updated_idx" ON "Customer"("workspaceId", (COALESCE("updatedAt", "createdAt")), "id")
  WHERE "deletedAt" IS NULL AND "mergedIntoId" IS NULL;
CREATE INDEX "Customer_activity_idx" ON "Customer"("workspaceId", (COALESCE("lastMessageAt", "createdAt")), "id")
  WHERE "deletedAt" IS NULL AND "mergedIntoId" IS NULL;
CREATE INDEX "Customer_name_idx" ON "Customer"("workspaceId", (lower(COALESCE("name", '') COLLATE "C")), "id")
  WHERE "deletedAt" IS NULL AND "mergedIntoId" IS NULL;
CREATE INDEX "Customer_ltv_idx" ON "Customer"("workspaceId", "ltvMinor", "id")
  WHERE "deletedAt" IS NULL AND "mergedIntoId" IS NULL;
CREATE INDEX "Customer_conversations_idx" ON "Customer"("workspaceId", "conversationCount", "id")
  WHERE "deletedAt" IS NULL AND "mergedIntoId" IS NULL;
CREATE INDEX "Customer_sale_idx" ON "Customer"("workspaceId", (COALESCE("firstSaleAt", '-infinity')), "id")
  WHERE "deletedAt" IS NULL AND "mergedIntoId" IS NULL;

-- The inbox leaves archived contacts out as well.
CREATE INDEX "Customer_inbox_idx" ON "Customer"("workspaceId", (COALESCE("lastMessageAt", "createdAt")), "id")
  WHERE "deletedAt" IS NULL AND "mergedIntoId" IS NULL AND "archivedAt" IS NULL;

-- Suspended and angry customers are few; without these a page of them would read the whole list.
CREATE INDEX "Customer_status_idx" ON "Customer"("workspaceId", "status", "createdAt", "id")
  WHERE "deletedAt" IS NULL AND "mergedIntoId" IS NULL;
CREATE INDEX "Customer_sentiment_idx" ON "Customer"("workspaceId", "sentiment", "createdAt", "id")
  WHERE "deletedAt" IS NULL AND "mergedIntoId" IS NULL;

-- An index column that IS NULL gives no order to its rows, so the queue of unassigned conversations has its own.
CREATE INDEX "Conversation_unassigned_idx" ON "Conversation"("workspaceId", "status", "lastMessageAt", "id") WHERE "assigneeId" IS NULL;
CREATE INDEX "Conversation_unassigned_inbox_idx" ON "Conversation"("workspaceId", "lastMessageAt", "id")
  WHERE "assigneeId" IS NULL AND "status" <> 'ARCHIVED';

-- Lists leave archived conversations out unless asked for a status, and most old ones are archived: indexes without them.
DROP INDEX "Conversation_workspaceId_assigneeId_lastMessageAt_id_idx", "Conversation_workspaceId_channelId_lastMessageAt_id_idx",
  "Conversation_workspaceId_customerId_lastMessageAt_id_idx";
CREATE INDEX "Conversation_customer_idx" ON "Conversation"("workspaceId", "customerId", "lastMessageAt", "id")
  WHERE "status" <> 'ARCHIVED';
CREATE INDEX "Conversation_assignee_idx" ON "Conversation"("workspaceId", "assigneeId", "lastMessageAt", "id")
  WHERE "status" <> 'ARCHIVED';
CREATE INDEX "Conversation_created_idx" ON "Conversation"("workspaceId", "createdAt", "id") WHERE "status" <> 'ARCHIVED';
CREATE INDEX "Conversation_updated_idx" ON "Conversation"("workspaceId", (COALESCE("updatedAt", "createdAt")), "id")
  WHERE "status" <> 'ARCHIVED';
CREATE INDEX "Conversation_channel_idx" ON "Conversation"("workspaceId", "channelId", "lastMessageAt", "id")
  WHERE "status" <> 'ARCHIVED';
CREATE INDEX "Conversation_workspaceId_channelId_status_lastMessageAt_id_idx"
  ON "Conversation"("workspaceId", "channelId", "status", "lastMessageAt", "id");
CREATE INDEX "Conversation_workspaceId_customerId_status_lastMessageAt_id_idx"
  ON "Conversation"("workspaceId", "customerId", "status", "lastMessageAt", "id");
