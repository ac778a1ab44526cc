-- AlterTable
ALTER TABLE "ApiKey" ADD COLUMN     "maxCost" INTEGER,
ADD COLUMN     "rateCapacity" INTEGER,
ADD COLUMN     "rateRestore" INTEGER;
