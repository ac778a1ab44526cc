-- Data of programs about a conversation, as customers have it.
ALTER TABLE "Conversation" ADD COLUMN "metadata" JSONB NOT NULL DEFAULT '{}';
