-- Whether mails show the number of their conversation in the subject.
ALTER TABLE "Workspace" ADD COLUMN "showsNumberInSubjects" BOOLEAN NOT NULL DEFAULT false;
