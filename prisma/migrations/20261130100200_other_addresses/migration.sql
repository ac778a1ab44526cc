-- Further addresses at which the mails of a channel arrive.
ALTER TABLE "Channel" ADD COLUMN "otherAddresses" TEXT[] DEFAULT ARRAY[]::TEXT[];
