-- AlterTable
ALTER TABLE "Message" ADD COLUMN "emailMessageId" TEXT COLLATE "C",
ADD COLUMN "sendAttempts" INTEGER NOT NULL DEFAULT 0,
ADD COLUMN "deliveredAt" TIMESTAMPTZ(3),
ADD COLUMN "failureCode" TEXT,
ADD COLUMN "failureReason" TEXT,
ADD COLUMN "failureIsPermanent" BOOLEAN;

-- AlterTable
ALTER TABLE "MessageAttachment" ALTER COLUMN "url" DROP NOT NULL;

-- What the schema language cannot say.

-- One message per Message-ID, however often the mail comes in; and where the answer to it belongs.
CREATE UNIQUE INDEX "Message_emailMessageId_key" ON "Message"("workspaceId", "emailMessageId") WHERE "emailMessageId" IS NOT NULL;
