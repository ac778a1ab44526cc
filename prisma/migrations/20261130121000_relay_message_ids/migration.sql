-- Some relays pass mails on under a Message-ID of their own, which answers and bounces name then.
ALTER TABLE "Message" ADD COLUMN "relayMessageId" TEXT COLLATE "C";
CREATE INDEX "Message_relayMessageId_idx"
  ON "Message"("workspaceId", lower("relayMessageId")) WHERE "relayMessageId" IS NOT NULL;
