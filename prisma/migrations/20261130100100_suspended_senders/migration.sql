-- Mails of contacts who are suspended are kept as rejected.
ALTER TYPE "RejectionReason" ADD VALUE 'SUSPENDED_SENDER';
