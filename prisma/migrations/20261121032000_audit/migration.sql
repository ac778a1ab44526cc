-- The audit log pages through events by time, of all types or of some.

-- CreateIndex
CREATE INDEX "DomainEvent_workspaceId_occurredAt_id_idx" ON "DomainEvent"("workspaceId", "occurredAt", "id");

-- CreateIndex
CREATE INDEX "DomainEvent_workspaceId_type_occurredAt_id_idx" ON "DomainEvent"("workspaceId", "type", "occurredAt", "id");

-- What one agent or key did; imports, which are the operator's, need no room in it.
CREATE INDEX "DomainEvent_actor_idx" ON "DomainEvent"("workspaceId", "actorId", "occurredAt", "id") WHERE "actorId" IS NOT NULL;
