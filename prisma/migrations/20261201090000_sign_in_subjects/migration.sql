-- Who may sign in as an agent stays who did at first, whatever address the agent has later.
ALTER TABLE "ApiKey" ADD COLUMN "signsInAs" TEXT;
