-- Documents that a workspace has made known, which clients name by their ids, and keys that may run nothing else.
CREATE TABLE "TrustedDocument" (
    "workspaceId" TEXT COLLATE "C" NOT NULL,
    "id" TEXT COLLATE "C" NOT NULL,
    "name" TEXT,
    "text" TEXT NOT NULL,
    "createdAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "TrustedDocument_pkey" PRIMARY KEY ("workspaceId","id")
);

ALTER TABLE "TrustedDocument" ADD CONSTRAINT "TrustedDocument_workspaceId_fkey" FOREIGN KEY ("workspaceId") REFERENCES "Workspace"("id") ON DELETE CASCADE ON UPDATE CASCADE;

ALTER TABLE "ApiKey" ADD COLUMN "onlyTrustedDocuments" BOOLEAN NOT NULL DEFAULT false;
