-- How urgent a conversation is. The values stand in their order, by which lists can be sorted.
CREATE TYPE "ConversationPriority" AS ENUM ('LOW', 'NORMAL', 'HIGH', 'URGENT');

ALTER TABLE "Conversation" ADD COLUMN "priority" "ConversationPriority" NOT NULL DEFAULT 'NORMAL';

-- The inbox by priority; lists leave archived conversations out unless asked for a status.
CREATE INDEX "Conversation_priority_idx" ON "Conversation"("workspaceId", "priority", "id") WHERE "status" <> 'ARCHIVED';
-- The inbox of one priority: few conversations are urgent.
CREATE INDEX "Conversation_workspaceId_priority_lastMessageAt_id_idx"
  ON "Conversation"("workspaceId", "priority", "lastMessageAt", "id");
