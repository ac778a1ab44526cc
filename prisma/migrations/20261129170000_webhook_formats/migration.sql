-- Webhooks as TidySupport sends them, and what an endpoint last failed of.
ALTER TYPE "WebhookFormat" ADD VALUE 'TIDYSUPPORT';

ALTER TABLE "WebhookEndpoint" ADD COLUMN "lastFailureAt" TIMESTAMPTZ(3),
ADD COLUMN "lastFailure" TEXT;
