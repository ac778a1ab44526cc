-- Phone numbers in the form of E.164 beside what was given, and the country of numbers that name none.
ALTER TABLE "Workspace" ADD COLUMN "defaultCountry" TEXT;
ALTER TABLE "Customer" ADD COLUMN "phoneE164" TEXT;

-- Nobody has one yet, so that there is nothing to sort while the table is locked.
CREATE INDEX "Customer_phoneE164_idx" ON "Customer"("workspaceId", "phoneE164") WHERE "phoneE164" IS NOT NULL;
