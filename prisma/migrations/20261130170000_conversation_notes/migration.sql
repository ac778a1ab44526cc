-- What the team notes about a conversation, beside the notes that stand among its messages.
ALTER TABLE "Conversation" ADD COLUMN "notes" TEXT;
