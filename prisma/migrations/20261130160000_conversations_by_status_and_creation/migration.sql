-- Tickets of one status, the newest first.
CREATE INDEX "Conversation_workspaceId_status_createdAt_id_idx" ON "Conversation"("workspaceId", "status", "createdAt", "id");
