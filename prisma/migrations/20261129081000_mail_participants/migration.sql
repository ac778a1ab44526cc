-- Who a message was from and to, whether a program wrote it, whether it was cut, and who could not be reached.
ALTER TABLE "Message" ADD COLUMN "participants" JSONB,
ADD COLUMN "isAutomatic" BOOLEAN NOT NULL DEFAULT false,
ADD COLUMN "isTruncated" BOOLEAN NOT NULL DEFAULT false,
ADD COLUMN "failureRecipient" TEXT,
ADD COLUMN "emailDigest" TEXT COLLATE "C";

-- Programs send many mails under one Message-ID, and mail servers change the case of its host: a mail is known by both the
-- id and what it says.
DROP INDEX "Message_emailMessageId_key";
CREATE UNIQUE INDEX "Message_emailMessageId_key"
  ON "Message"("workspaceId", lower("emailMessageId"), COALESCE("emailDigest", '')) WHERE "emailMessageId" IS NOT NULL;
