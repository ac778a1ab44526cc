-- What was paid for a conversion, the pixel that told of it, and the workspace's own data about it.
ALTER TABLE "Conversion" ADD COLUMN "metadata" JSONB NOT NULL DEFAULT '{}',
ADD COLUMN "pixelId" TEXT,
ADD COLUMN "payoutMinor" BIGINT;
