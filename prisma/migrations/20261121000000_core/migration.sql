-- Ids compare by byte: they are opaque, time-ordered ASCII, and the "C" collation makes every key comparison cheap.

-- Trusted extension: lets a GIN index lead with workspaceId.
CREATE EXTENSION IF NOT EXISTS btree_gin;

-- CreateEnum
CREATE TYPE "ApiKeyKind" AS ENUM ('USER', 'API_USER');

-- CreateEnum
CREATE TYPE "ChannelKind" AS ENUM ('EMAIL', 'CHAT', 'FORM', 'API');

-- CreateEnum
CREATE TYPE "CustomerStatus" AS ENUM ('ACTIVE', 'SUSPENDED');

-- CreateEnum
CREATE TYPE "Sentiment" AS ENUM ('HAPPY', 'NEUTRAL', 'FRUSTRATED', 'ANGRY');

-- CreateEnum
CREATE TYPE "CustomerSource" AS ENUM ('EMAIL', 'CHAT', 'API', 'FORM', 'IMPORT');

-- CreateEnum
CREATE TYPE "ConversationStatus" AS ENUM ('OPEN', 'CLOSED', 'ARCHIVED');

-- CreateEnum
CREATE TYPE "ConversationSource" AS ENUM ('EMAIL', 'CHAT', 'FORM', 'API');

-- CreateEnum
CREATE TYPE "MessageDirection" AS ENUM ('INBOUND', 'OUTBOUND', 'SYSTEM');

-- CreateEnum
CREATE TYPE "MessageStatus" AS ENUM ('QUEUED', 'SENT', 'FAILED', 'RECEIVED');

-- CreateTable
CREATE TABLE "Workspace" (
    "id" TEXT COLLATE "C" NOT NULL,
    "uuid" UUID NOT NULL DEFAULT gen_random_uuid(),
    "name" TEXT NOT NULL,
    "timezone" TEXT NOT NULL DEFAULT 'UTC',
    "currency" TEXT NOT NULL DEFAULT 'USD',
    "entitlements" TEXT[] DEFAULT ARRAY[]::TEXT[],
    "createdAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "Workspace_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "ApiKey" (
    "workspaceId" TEXT COLLATE "C" NOT NULL,
    "id" TEXT COLLATE "C" NOT NULL,
    "hash" TEXT NOT NULL,
    "prefix" TEXT NOT NULL,
    "name" TEXT,
    "kind" "ApiKeyKind" NOT NULL,
    "agentId" TEXT COLLATE "C",
    "scopes" TEXT[],
    "createdAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "expiresAt" TIMESTAMPTZ(3),
    "revokedAt" TIMESTAMPTZ(3),
    "lastUsedAt" TIMESTAMPTZ(3),

    CONSTRAINT "ApiKey_pkey" PRIMARY KEY ("workspaceId","id")
);

-- CreateTable
CREATE TABLE "Agent" (
    "workspaceId" TEXT COLLATE "C" NOT NULL,
    "id" TEXT COLLATE "C" NOT NULL,
    "name" TEXT NOT NULL,
    "email" TEXT NOT NULL,
    "avatarUrl" TEXT,
    "createdAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "deactivatedAt" TIMESTAMPTZ(3),

    CONSTRAINT "Agent_pkey" PRIMARY KEY ("workspaceId","id")
);

-- CreateTable
CREATE TABLE "Channel" (
    "workspaceId" TEXT COLLATE "C" NOT NULL,
    "id" TEXT COLLATE "C" NOT NULL,
    "kind" "ChannelKind" NOT NULL,
    "name" TEXT NOT NULL,
    "address" TEXT,
    "createdAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "Channel_pkey" PRIMARY KEY ("workspaceId","id")
);

-- CreateTable
CREATE TABLE "Customer" (
    "workspaceId" TEXT COLLATE "C" NOT NULL,
    "id" TEXT COLLATE "C" NOT NULL,
    "uuid" UUID NOT NULL DEFAULT gen_random_uuid(),
    "externalId" TEXT COLLATE "C",
    "email" TEXT,
    "name" TEXT,
    "phone" TEXT,
    "avatarUrl" TEXT,
    "status" "CustomerStatus" NOT NULL DEFAULT 'ACTIVE',
    "sentiment" "Sentiment" NOT NULL DEFAULT 'NEUTRAL',
    "notes" TEXT,
    "tags" TEXT[] DEFAULT ARRAY[]::TEXT[],
    "metadata" JSONB NOT NULL DEFAULT '{}',
    "source" "CustomerSource" NOT NULL DEFAULT 'API',
    "archivedAt" TIMESTAMPTZ(3),
    "deletedAt" TIMESTAMPTZ(3),
    "mergedIntoId" TEXT COLLATE "C",
    "version" INTEGER NOT NULL DEFAULT 1,
    "createdAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updatedAt" TIMESTAMPTZ(3),
    "conversationCount" INTEGER NOT NULL DEFAULT 0,
    "lastMessageAt" TIMESTAMPTZ(3),
    "lastMessagePreview" TEXT,
    "ltvMinor" BIGINT NOT NULL DEFAULT 0,
    "salesCount" INTEGER NOT NULL DEFAULT 0,
    "firstSaleAt" TIMESTAMPTZ(3),

    CONSTRAINT "Customer_pkey" PRIMARY KEY ("workspaceId","id")
);

-- CreateTable
CREATE TABLE "Conversation" (
    "workspaceId" TEXT COLLATE "C" NOT NULL,
    "id" TEXT COLLATE "C" NOT NULL,
    "customerId" TEXT COLLATE "C" NOT NULL,
    "channelId" TEXT COLLATE "C",
    "status" "ConversationStatus" NOT NULL DEFAULT 'OPEN',
    "source" "ConversationSource" NOT NULL,
    "subject" TEXT,
    "assigneeId" TEXT COLLATE "C",
    "unreadCount" INTEGER NOT NULL DEFAULT 0,
    "lastMessageAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "lastMessagePreview" TEXT NOT NULL DEFAULT '',
    "firstResponseAt" TIMESTAMPTZ(3),
    "closedAt" TIMESTAMPTZ(3),
    "externalId" TEXT COLLATE "C",
    "version" INTEGER NOT NULL DEFAULT 1,
    "createdAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updatedAt" TIMESTAMPTZ(3),

    CONSTRAINT "Conversation_pkey" PRIMARY KEY ("workspaceId","id")
);

-- CreateTable
CREATE TABLE "Message" (
    "workspaceId" TEXT COLLATE "C" NOT NULL,
    "id" TEXT COLLATE "C" NOT NULL,
    "conversationId" TEXT COLLATE "C" NOT NULL,
    "direction" "MessageDirection" NOT NULL,
    "internal" BOOLEAN NOT NULL DEFAULT false,
    "authorName" TEXT,
    "agentId" TEXT COLLATE "C",
    "text" TEXT NOT NULL,
    "html" TEXT,
    "preview" TEXT NOT NULL,
    "status" "MessageStatus" NOT NULL,
    "externalId" TEXT COLLATE "C",
    "sentAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "createdAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "Message_pkey" PRIMARY KEY ("workspaceId","id")
);

-- CreateTable
CREATE TABLE "DomainEvent" (
    "workspaceId" TEXT COLLATE "C" NOT NULL,
    "id" TEXT COLLATE "C" NOT NULL,
    "seq" BIGSERIAL NOT NULL,
    "txid" BIGINT NOT NULL DEFAULT ((pg_current_xact_id())::text)::bigint,
    "type" TEXT NOT NULL,
    "entityId" TEXT COLLATE "C" NOT NULL,
    "actorId" TEXT COLLATE "C",
    "data" JSONB NOT NULL,
    "occurredAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "DomainEvent_pkey" PRIMARY KEY ("workspaceId","id")
);

-- CreateIndex
CREATE UNIQUE INDEX "Workspace_uuid_key" ON "Workspace"("uuid");

-- CreateIndex
CREATE UNIQUE INDEX "ApiKey_hash_key" ON "ApiKey"("hash");

-- CreateIndex
CREATE INDEX "Agent_workspaceId_createdAt_id_idx" ON "Agent"("workspaceId", "createdAt", "id");

-- CreateIndex
CREATE INDEX "Channel_workspaceId_createdAt_id_idx" ON "Channel"("workspaceId", "createdAt", "id");

-- CreateIndex
CREATE UNIQUE INDEX "Channel_workspaceId_kind_name_key" ON "Channel"("workspaceId", "kind", "name");

-- CreateIndex
CREATE INDEX "Customer_workspaceId_createdAt_id_idx" ON "Customer"("workspaceId", "createdAt", "id");

-- CreateIndex
CREATE INDEX "Customer_workspaceId_ltvMinor_id_idx" ON "Customer"("workspaceId", "ltvMinor", "id");

-- CreateIndex
CREATE INDEX "Customer_workspaceId_mergedIntoId_idx" ON "Customer"("workspaceId", "mergedIntoId");

-- CreateIndex
CREATE UNIQUE INDEX "Customer_workspaceId_uuid_key" ON "Customer"("workspaceId", "uuid");

-- CreateIndex
CREATE UNIQUE INDEX "Customer_workspaceId_externalId_key" ON "Customer"("workspaceId", "externalId");

-- CreateIndex
CREATE INDEX "Conversation_workspaceId_lastMessageAt_id_idx" ON "Conversation"("workspaceId", "lastMessageAt", "id");

-- CreateIndex
CREATE INDEX "Conversation_workspaceId_createdAt_id_idx" ON "Conversation"("workspaceId", "createdAt", "id");

-- CreateIndex
CREATE INDEX "Conversation_workspaceId_customerId_lastMessageAt_id_idx" ON "Conversation"("workspaceId", "customerId", "lastMessageAt", "id");

-- CreateIndex
CREATE INDEX "Conversation_workspaceId_assigneeId_lastMessageAt_id_idx" ON "Conversation"("workspaceId", "assigneeId", "lastMessageAt", "id");

-- CreateIndex
CREATE INDEX "Conversation_workspaceId_assigneeId_status_lastMessageAt_id_idx" ON "Conversation"("workspaceId", "assigneeId", "status", "lastMessageAt", "id");

-- CreateIndex
CREATE INDEX "Conversation_workspaceId_channelId_lastMessageAt_id_idx" ON "Conversation"("workspaceId", "channelId", "lastMessageAt", "id");

-- CreateIndex
CREATE INDEX "Conversation_workspaceId_status_lastMessageAt_id_idx" ON "Conversation"("workspaceId", "status", "lastMessageAt", "id");

-- CreateIndex
CREATE UNIQUE INDEX "Conversation_workspaceId_externalId_key" ON "Conversation"("workspaceId", "externalId");

-- CreateIndex
CREATE INDEX "Message_workspaceId_conversationId_sentAt_id_idx" ON "Message"("workspaceId", "conversationId", "sentAt", "id");

-- CreateIndex
CREATE INDEX "Message_workspaceId_agentId_idx" ON "Message"("workspaceId", "agentId");

-- CreateIndex
CREATE UNIQUE INDEX "Message_workspaceId_externalId_key" ON "Message"("workspaceId", "externalId");

-- CreateIndex
CREATE INDEX "DomainEvent_workspaceId_txid_seq_idx" ON "DomainEvent"("workspaceId", "txid", "seq");

-- CreateIndex
CREATE INDEX "DomainEvent_workspaceId_entityId_seq_idx" ON "DomainEvent"("workspaceId", "entityId", "seq");

-- AddForeignKey
ALTER TABLE "ApiKey" ADD CONSTRAINT "ApiKey_workspaceId_fkey" FOREIGN KEY ("workspaceId") REFERENCES "Workspace"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "ApiKey" ADD CONSTRAINT "ApiKey_workspaceId_agentId_fkey" FOREIGN KEY ("workspaceId", "agentId") REFERENCES "Agent"("workspaceId", "id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "Agent" ADD CONSTRAINT "Agent_workspaceId_fkey" FOREIGN KEY ("workspaceId") REFERENCES "Workspace"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "Channel" ADD CONSTRAINT "Channel_workspaceId_fkey" FOREIGN KEY ("workspaceId") REFERENCES "Workspace"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "Customer" ADD CONSTRAINT "Customer_workspaceId_fkey" FOREIGN KEY ("workspaceId") REFERENCES "Workspace"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "Customer" ADD CONSTRAINT "Customer_workspaceId_mergedIntoId_fkey" FOREIGN KEY ("workspaceId", "mergedIntoId") REFERENCES "Customer"("workspaceId", "id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "Conversation" ADD CONSTRAINT "Conversation_workspaceId_customerId_fkey" FOREIGN KEY ("workspaceId", "customerId") REFERENCES "Customer"("workspaceId", "id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "Conversation" ADD CONSTRAINT "Conversation_workspaceId_channelId_fkey" FOREIGN KEY ("workspaceId", "channelId") REFERENCES "Channel"("workspaceId", "id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "Conversation" ADD CONSTRAINT "Conversation_workspaceId_assigneeId_fkey" FOREIGN KEY ("workspaceId", "assigneeId") REFERENCES "Agent"("workspaceId", "id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "Message" ADD CONSTRAINT "Message_workspaceId_conversationId_fkey" FOREIGN KEY ("workspaceId", "conversationId") REFERENCES "Conversation"("workspaceId", "id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "Message" ADD CONSTRAINT "Message_workspaceId_agentId_fkey" FOREIGN KEY ("workspaceId", "agentId") REFERENCES "Agent"("workspaceId", "id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "DomainEvent" ADD CONSTRAINT "DomainEvent_workspaceId_fkey" FOREIGN KEY ("workspaceId") REFERENCES "Workspace"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- What the schema language cannot say: indexes over expressions and partial indexes.

-- An e-mail address identifies one person per workspace, whatever its case.
CREATE UNIQUE INDEX "Customer_workspaceId_email_key" ON "Customer"("workspaceId", lower("email"));
CREATE UNIQUE INDEX "Agent_workspaceId_email_key" ON "Agent"("workspaceId", lower("email"));

-- Orders whose column may be null: the expression gives every row a sort key.
CREATE INDEX "Customer_activity_idx" ON "Customer"("workspaceId", (COALESCE("lastMessageAt", "createdAt")), "id");
CREATE INDEX "Customer_name_idx" ON "Customer"("workspaceId", (lower(COALESCE("name", '') COLLATE "C")), "id");
CREATE INDEX "Customer_tags_idx" ON "Customer" USING GIN ("workspaceId", "tags");

-- The default inbox hides archived conversations; the unread one is a small part of it.
CREATE INDEX "Conversation_inbox_idx" ON "Conversation"("workspaceId", "lastMessageAt", "id") WHERE "status" <> 'ARCHIVED';
CREATE INDEX "Conversation_unread_idx" ON "Conversation"("workspaceId", "lastMessageAt", "id") WHERE "unreadCount" > 0;
