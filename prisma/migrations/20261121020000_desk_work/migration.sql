-- AlterTable
ALTER TABLE "Agent" ADD COLUMN "version" INTEGER NOT NULL DEFAULT 1,
ADD COLUMN "updatedAt" TIMESTAMPTZ(3);

-- AlterTable
ALTER TABLE "Channel" ADD COLUMN "version" INTEGER NOT NULL DEFAULT 1,
ADD COLUMN "updatedAt" TIMESTAMPTZ(3);

-- AlterTable
ALTER TABLE "Conversation" ADD COLUMN "firstInboundAt" TIMESTAMPTZ(3),
ADD COLUMN "snoozedUntil" TIMESTAMPTZ(3);

-- AlterTable
ALTER TABLE "Message" ADD COLUMN "version" INTEGER NOT NULL DEFAULT 1,
ADD COLUMN "editedAt" TIMESTAMPTZ(3);

-- CreateTable
CREATE TABLE "MessageAttachment" (
    "workspaceId" TEXT COLLATE "C" NOT NULL,
    "id" TEXT COLLATE "C" NOT NULL,
    "messageId" TEXT COLLATE "C" NOT NULL,
    "url" TEXT NOT NULL,
    "fileName" TEXT NOT NULL,
    "contentType" TEXT,
    "sizeBytes" INTEGER,
    "createdAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "MessageAttachment_pkey" PRIMARY KEY ("workspaceId","id")
);

-- CreateIndex
CREATE INDEX "MessageAttachment_workspaceId_messageId_id_idx" ON "MessageAttachment"("workspaceId", "messageId", "id");

-- AddForeignKey
ALTER TABLE "MessageAttachment" ADD CONSTRAINT "MessageAttachment_workspaceId_messageId_fkey" FOREIGN KEY ("workspaceId", "messageId") REFERENCES "Message"("workspaceId", "id") ON DELETE CASCADE ON UPDATE CASCADE;

-- What the schema language cannot say.

-- Snoozed conversations are few: they are listed from here, and the inbox without them still from its own index.
CREATE INDEX "Conversation_snoozed_idx" ON "Conversation"("workspaceId", "lastMessageAt", "id") WHERE "snoozedUntil" IS NOT NULL;

-- When the customer first wrote was not kept until now.
UPDATE "Conversation" AS c SET "firstInboundAt" = asked."at"
FROM (
    SELECT m."workspaceId", m."conversationId", min(m."sentAt") AS "at" FROM "Message" AS m
    WHERE m."direction" = 'INBOUND' GROUP BY m."workspaceId", m."conversationId"
) AS asked
WHERE c."workspaceId" = asked."workspaceId" AND c."id" = asked."conversationId";
