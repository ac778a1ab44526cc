-- CreateEnum
CREATE TYPE "ConversionClass" AS ENUM ('LEAD', 'SALE', 'CUSTOM');

-- CreateEnum
CREATE TYPE "ConversionStatus" AS ENUM ('PENDING', 'APPROVED', 'REFUNDED', 'REJECTED', 'FRAUD');

-- CreateEnum
CREATE TYPE "AttributionModel" AS ENUM ('LAST', 'FIRST', 'LINEAR', 'POSITION', 'DECAY');

-- AlterTable
ALTER TABLE "Customer" ADD COLUMN "acquiredAt" TIMESTAMPTZ(3);

-- AlterTable
ALTER TABLE "CustomerMerge" ADD COLUMN "clickIds" TEXT[] DEFAULT ARRAY[]::TEXT[],
ADD COLUMN "conversionIds" TEXT[] DEFAULT ARRAY[]::TEXT[];

-- AlterTable
ALTER TABLE "Workspace" ADD COLUMN "attributionModel" "AttributionModel" NOT NULL DEFAULT 'LAST',
ADD COLUMN "attributionWindowDays" INTEGER NOT NULL DEFAULT 30;

-- CreateTable
CREATE TABLE "Campaign" (
    "workspaceId" TEXT COLLATE "C" NOT NULL,
    "id" TEXT COLLATE "C" NOT NULL,
    "name" TEXT NOT NULL,
    "version" INTEGER NOT NULL DEFAULT 1,
    "createdAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updatedAt" TIMESTAMPTZ(3),

    CONSTRAINT "Campaign_pkey" PRIMARY KEY ("workspaceId","id")
);

-- CreateTable
CREATE TABLE "Link" (
    "workspaceId" TEXT COLLATE "C" NOT NULL,
    "id" TEXT COLLATE "C" NOT NULL,
    "name" TEXT,
    "url" TEXT NOT NULL,
    "campaignId" TEXT COLLATE "C",
    "version" INTEGER NOT NULL DEFAULT 1,
    "createdAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updatedAt" TIMESTAMPTZ(3),
    "deletedAt" TIMESTAMPTZ(3),

    CONSTRAINT "Link_pkey" PRIMARY KEY ("workspaceId","id")
);

-- CreateTable
CREATE TABLE "Click" (
    "workspaceId" TEXT COLLATE "C" NOT NULL,
    "id" TEXT COLLATE "C" NOT NULL,
    "clickId" TEXT COLLATE "C" NOT NULL,
    "linkId" TEXT COLLATE "C",
    "campaignId" TEXT COLLATE "C",
    "customerId" TEXT COLLATE "C",
    "utmSource" TEXT,
    "utmMedium" TEXT,
    "utmCampaign" TEXT,
    "referrer" TEXT,
    "url" TEXT,
    "source" TEXT NOT NULL,
    "occurredAt" TIMESTAMPTZ(3) NOT NULL,
    "createdAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "Click_pkey" PRIMARY KEY ("workspaceId","id")
);

-- CreateTable
CREATE TABLE "Conversion" (
    "workspaceId" TEXT COLLATE "C" NOT NULL,
    "id" TEXT COLLATE "C" NOT NULL,
    "customerId" TEXT COLLATE "C" NOT NULL,
    "class" "ConversionClass" NOT NULL,
    "status" "ConversionStatus" NOT NULL,
    "name" TEXT,
    "orderId" TEXT COLLATE "C",
    "amountMinor" BIGINT NOT NULL,
    "currency" TEXT NOT NULL,
    "rate" TEXT NOT NULL,
    "baseAmountMinor" BIGINT NOT NULL,
    "items" INTEGER,
    "clickId" TEXT COLLATE "C",
    "refundOfId" TEXT COLLATE "C",
    "imported" BOOLEAN NOT NULL DEFAULT false,
    "version" INTEGER NOT NULL DEFAULT 1,
    "occurredAt" TIMESTAMPTZ(3) NOT NULL,
    "createdAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updatedAt" TIMESTAMPTZ(3),

    CONSTRAINT "Conversion_pkey" PRIMARY KEY ("workspaceId","id")
);

-- CreateIndex
CREATE INDEX "Campaign_workspaceId_createdAt_id_idx" ON "Campaign"("workspaceId", "createdAt", "id");

-- CreateIndex
CREATE UNIQUE INDEX "Campaign_workspaceId_name_key" ON "Campaign"("workspaceId", "name");

-- CreateIndex
CREATE INDEX "Link_workspaceId_createdAt_id_idx" ON "Link"("workspaceId", "createdAt", "id");

-- CreateIndex
CREATE INDEX "Link_workspaceId_campaignId_createdAt_id_idx" ON "Link"("workspaceId", "campaignId", "createdAt", "id");

-- CreateIndex
CREATE INDEX "Click_workspaceId_occurredAt_id_idx" ON "Click"("workspaceId", "occurredAt", "id");

-- CreateIndex
CREATE INDEX "Click_workspaceId_customerId_occurredAt_id_idx" ON "Click"("workspaceId", "customerId", "occurredAt", "id");

-- CreateIndex
CREATE INDEX "Click_workspaceId_linkId_occurredAt_id_idx" ON "Click"("workspaceId", "linkId", "occurredAt", "id");

-- CreateIndex
CREATE INDEX "Click_workspaceId_campaignId_occurredAt_id_idx" ON "Click"("workspaceId", "campaignId", "occurredAt", "id");

-- CreateIndex
CREATE UNIQUE INDEX "Click_workspaceId_clickId_key" ON "Click"("workspaceId", "clickId");

-- CreateIndex
CREATE INDEX "Conversion_workspaceId_occurredAt_id_idx" ON "Conversion"("workspaceId", "occurredAt", "id");

-- CreateIndex
CREATE INDEX "Conversion_workspaceId_customerId_occurredAt_id_idx" ON "Conversion"("workspaceId", "customerId", "occurredAt", "id");

-- CreateIndex
CREATE INDEX "Conversion_workspaceId_clickId_idx" ON "Conversion"("workspaceId", "clickId");

-- CreateIndex
CREATE INDEX "Conversion_workspaceId_refundOfId_idx" ON "Conversion"("workspaceId", "refundOfId");

-- CreateIndex
CREATE UNIQUE INDEX "Conversion_workspaceId_class_orderId_key" ON "Conversion"("workspaceId", "class", "orderId");

-- CreateIndex
CREATE INDEX "Conversation_workspaceId_customerId_createdAt_id_idx" ON "Conversation"("workspaceId", "customerId", "createdAt", "id");

-- AddForeignKey
ALTER TABLE "Campaign" ADD CONSTRAINT "Campaign_workspaceId_fkey" FOREIGN KEY ("workspaceId") REFERENCES "Workspace"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "Link" ADD CONSTRAINT "Link_workspaceId_fkey" FOREIGN KEY ("workspaceId") REFERENCES "Workspace"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "Link" ADD CONSTRAINT "Link_workspaceId_campaignId_fkey" FOREIGN KEY ("workspaceId", "campaignId") REFERENCES "Campaign"("workspaceId", "id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "Click" ADD CONSTRAINT "Click_workspaceId_fkey" FOREIGN KEY ("workspaceId") REFERENCES "Workspace"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "Click" ADD CONSTRAINT "Click_workspaceId_linkId_fkey" FOREIGN KEY ("workspaceId", "linkId") REFERENCES "Link"("workspaceId", "id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "Click" ADD CONSTRAINT "Click_workspaceId_campaignId_fkey" FOREIGN KEY ("workspaceId", "campaignId") REFERENCES "Campaign"("workspaceId", "id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "Click" ADD CONSTRAINT "Click_workspaceId_customerId_fkey" FOREIGN KEY ("workspaceId", "customerId") REFERENCES "Customer"("workspaceId", "id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "Conversion" ADD CONSTRAINT "Conversion_workspaceId_fkey" FOREIGN KEY ("workspaceId") REFERENCES "Workspace"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "Conversion" ADD CONSTRAINT "Conversion_workspaceId_customerId_fkey" FOREIGN KEY ("workspaceId", "customerId") REFERENCES "Customer"("workspaceId", "id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "Conversion" ADD CONSTRAINT "Conversion_workspaceId_clickId_fkey" FOREIGN KEY ("workspaceId", "clickId") REFERENCES "Click"("workspaceId", "id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "Conversion" ADD CONSTRAINT "Conversion_workspaceId_refundOfId_fkey" FOREIGN KEY ("workspaceId", "refundOfId") REFERENCES "Conversion"("workspaceId", "id") ON DELETE CASCADE ON UPDATE CASCADE;

-- What the schema language cannot say.

-- What counts towards lifetime value, refunds too; sums over it never visit the table.
CREATE INDEX "Conversion_counted_idx" ON "Conversion"("workspaceId", "customerId", "occurredAt")
    INCLUDE ("baseAmountMinor", "refundOfId") WHERE "class" = 'SALE' AND "status" IN ('PENDING', 'APPROVED');
-- Whose history came from a file.
CREATE INDEX "Conversion_imported_idx" ON "Conversion"("workspaceId", "customerId") WHERE "imported";
-- What happened to a customer itself, for the journey.
CREATE INDEX "DomainEvent_customer_idx" ON "DomainEvent"("workspaceId", "entityId", "occurredAt", "id")
    WHERE "type" LIKE 'customer.%';
-- The order in which customers were won.
CREATE INDEX "Customer_acquired_idx" ON "Customer"("workspaceId", (COALESCE("acquiredAt", "createdAt")), "id")
    WHERE "mergedIntoId" IS NULL;
