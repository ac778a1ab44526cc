-- What the mail servers that the operator trusts found out about the sender of a mail.
CREATE TYPE "MailAuthenticationResult" AS ENUM ('NONE', 'PASS', 'FAIL', 'SOFTFAIL', 'NEUTRAL', 'POLICY', 'TEMPERROR', 'PERMERROR');
ALTER TABLE "Message" ADD COLUMN "spf" "MailAuthenticationResult", ADD COLUMN "dkim" "MailAuthenticationResult", ADD COLUMN "dmarc" "MailAuthenticationResult";
