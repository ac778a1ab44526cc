-- Files that are kept outside the database, named by what they hold: raw mails, their parts, and what is uploaded.
CREATE TABLE "StoredFile" (
    "workspaceId" TEXT COLLATE "C" NOT NULL,
    "digest" TEXT COLLATE "C" NOT NULL,
    "sizeBytes" INTEGER NOT NULL,
    "createdAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "expiresAt" TIMESTAMPTZ(3),

    CONSTRAINT "StoredFile_pkey" PRIMARY KEY ("workspaceId","digest")
);
CREATE INDEX "StoredFile_workspaceId_expiresAt_idx" ON "StoredFile"("workspaceId", "expiresAt");
ALTER TABLE "StoredFile" ADD CONSTRAINT "StoredFile_workspaceId_fkey" FOREIGN KEY ("workspaceId") REFERENCES "Workspace"("id") ON DELETE CASCADE ON UPDATE CASCADE;

ALTER TABLE "Message" ADD COLUMN "rawDigest" TEXT COLLATE "C";
CREATE INDEX "Message_workspaceId_rawDigest_idx" ON "Message"("workspaceId", "rawDigest");
ALTER TABLE "Message" ADD CONSTRAINT "Message_workspaceId_rawDigest_fkey" FOREIGN KEY ("workspaceId", "rawDigest") REFERENCES "StoredFile"("workspaceId", "digest") ON DELETE RESTRICT ON UPDATE CASCADE;

ALTER TABLE "MessageAttachment" ADD COLUMN "digest" TEXT COLLATE "C", ADD COLUMN "contentId" TEXT;
CREATE INDEX "MessageAttachment_workspaceId_digest_idx" ON "MessageAttachment"("workspaceId", "digest");
ALTER TABLE "MessageAttachment" ADD CONSTRAINT "MessageAttachment_workspaceId_digest_fkey" FOREIGN KEY ("workspaceId", "digest") REFERENCES "StoredFile"("workspaceId", "digest") ON DELETE RESTRICT ON UPDATE CASCADE;

CREATE TABLE "Upload" (
    "workspaceId" TEXT COLLATE "C" NOT NULL,
    "id" TEXT COLLATE "C" NOT NULL,
    "digest" TEXT COLLATE "C" NOT NULL,
    "fileName" TEXT NOT NULL,
    "contentType" TEXT NOT NULL,
    "sizeBytes" INTEGER NOT NULL,
    "createdAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "Upload_pkey" PRIMARY KEY ("workspaceId","id")
);
CREATE INDEX "Upload_workspaceId_createdAt_idx" ON "Upload"("workspaceId", "createdAt");
CREATE INDEX "Upload_workspaceId_digest_idx" ON "Upload"("workspaceId", "digest");
ALTER TABLE "Upload" ADD CONSTRAINT "Upload_workspaceId_digest_fkey" FOREIGN KEY ("workspaceId", "digest") REFERENCES "StoredFile"("workspaceId", "digest") ON DELETE RESTRICT ON UPDATE CASCADE;

CREATE TYPE "RejectionReason" AS ENUM ('NO_SENDER', 'UNKNOWN_RECIPIENT', 'TEAM_ONLY', 'UNREADABLE');
CREATE TABLE "RejectedMail" (
    "workspaceId" TEXT COLLATE "C" NOT NULL,
    "id" TEXT COLLATE "C" NOT NULL,
    "digest" TEXT COLLATE "C" NOT NULL,
    "contentType" TEXT,
    "reason" "RejectionReason" NOT NULL,
    "message" TEXT NOT NULL,
    "sender" TEXT,
    "recipients" TEXT[],
    "subject" TEXT,
    "sizeBytes" INTEGER NOT NULL,
    "attempts" INTEGER NOT NULL DEFAULT 1,
    "createdAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "lastReceivedAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "RejectedMail_pkey" PRIMARY KEY ("workspaceId","id")
);
CREATE UNIQUE INDEX "RejectedMail_workspaceId_digest_key" ON "RejectedMail"("workspaceId", "digest");
CREATE INDEX "RejectedMail_workspaceId_createdAt_id_idx" ON "RejectedMail"("workspaceId", "createdAt", "id");
ALTER TABLE "RejectedMail" ADD CONSTRAINT "RejectedMail_workspaceId_digest_fkey" FOREIGN KEY ("workspaceId", "digest") REFERENCES "StoredFile"("workspaceId", "digest") ON DELETE RESTRICT ON UPDATE CASCADE;

-- What links to files are signed with; made by the first gateway that needs it.
CREATE TABLE "SigningSecret" (
    "id" INTEGER NOT NULL DEFAULT 1,
    "secret" TEXT NOT NULL,

    CONSTRAINT "SigningSecret_pkey" PRIMARY KEY ("id")
);
