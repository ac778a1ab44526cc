import { type Database, sql } from '../../../db/database.js';
import { isEmail, isMailAddress } from '../../../lib/text/email.js';
import type { MailJob } from '../../conversation/message/mail/message.outgoing.js';
import { participantsOf } from '../../conversation/message/mail/message.participants.js';
import { isRealMailId } from '../message-id.js';
import { numberedSubject } from '../subject-number.js';
import type { OutboundEmail } from './outbound-email.compose.js';
import { SendFailure } from './outbound-email.failure.js';

/** An e-mail whose files are listed but not yet read. */
export interface DraftedEmail extends Omit<OutboundEmail, 'attachments'> {
  attachments: readonly DraftedFile[];
}

export interface DraftedFile {
  fileName: string;
  contentType: string | null;
  /** The digest of the stored file; null for a file at an external URL. */
  digest: string | null;
  url: string | null;
}

/** A message to send by e-mail. */
export interface Draft {
  conversationId: string;
  conversationNumber: number;
  /** The version of the message. */
  version: number;
  /** The number of earlier attempts. */
  attempts: number;
  /** @throws SendFailure if the recipient or the sender has no valid address. */
  write(): DraftedEmail;
}

/** How many earlier e-mails the References header contains. */
const maxReferences = 20;

interface Row {
  conversationId: string;
  conversationNumber: number;
  version: number;
  text: string;
  html: string | null;
  authorName: string | null;
  createdAt: Date;
  emailMessageId: string;
  participants: unknown;
  sendAttempts: number;
  subject: string | null;
  showsNumber: boolean;
  channelName: string | null;
  mailbox: string | null;
  contactName: string | null;
  contactEmail: string | null;
  isAnswer: boolean;
  /** The Message-IDs of the earlier e-mails, the latest first, and whether each is inbound. */
  earlier: { id: string; inbound: boolean }[];
  attachments: DraftedFile[];
}

/** The message to send; null if it was already sent, has failed, or was deleted. */
export async function readDraft(db: Database, { workspaceId, messageId }: MailJob): Promise<Draft | null> {
  const [row] = await db.prisma.$queryRaw<Row[]>(sql`
    SELECT m."conversationId", m."version", m."text", m."html", m."authorName", m."createdAt", m."emailMessageId", m."participants", m."sendAttempts",
      c."number" AS "conversationNumber", c."subject", w."showsNumberInSubjects" AS "showsNumber", ch."name" AS "channelName", ch."address" AS "mailbox", p."name" AS "contactName",
      p."email" AS "contactEmail",
      EXISTS (SELECT FROM "Message" AS e WHERE e."workspaceId" = m."workspaceId"
        AND e."conversationId" = m."conversationId" AND NOT e."internal" AND e."direction" <> 'SYSTEM'
        AND (e."sentAt", e."id") < (m."sentAt", m."id")) AS "isAnswer",
      COALESCE((SELECT json_agg(json_build_object('id', e."emailMessageId", 'inbound', e."direction" = 'INBOUND'))
        FROM (SELECT e."emailMessageId", e."direction" FROM "Message" AS e
          WHERE e."workspaceId" = m."workspaceId" AND e."conversationId" = m."conversationId"
            AND e."emailMessageId" IS NOT NULL AND (e."sentAt", e."id") < (m."sentAt", m."id")
          ORDER BY e."sentAt" DESC, e."id" DESC LIMIT ${maxReferences}) AS e), '[]') AS "earlier",
      COALESCE((SELECT json_agg(json_build_object('fileName', a."fileName", 'url', a."url",
          'contentType', a."contentType", 'digest', a."digest") ORDER BY a."id")
        FROM "MessageAttachment" AS a WHERE a."workspaceId" = m."workspaceId" AND a."messageId" = m."id"
          AND (a."url" IS NOT NULL OR a."digest" IS NOT NULL)), '[]') AS "attachments"
    FROM "Message" AS m
    JOIN "Conversation" AS c ON c."workspaceId" = m."workspaceId" AND c."id" = m."conversationId"
    JOIN "Workspace" AS w ON w."id" = m."workspaceId"
    JOIN "Customer" AS p ON p."workspaceId" = c."workspaceId" AND p."id" = c."customerId"
    LEFT JOIN "Channel" AS ch ON ch."workspaceId" = c."workspaceId" AND ch."id" = c."channelId" AND ch."kind" = 'EMAIL'
    WHERE m."workspaceId" = ${workspaceId} AND m."id" = ${messageId} AND m."emailMessageId" IS NOT NULL
      AND m."deliveredAt" IS NULL AND m."status" IN ('QUEUED', 'SENT')`);
  if (!row) return null;
  const { conversationId, conversationNumber, version, sendAttempts: attempts } = row;
  return { conversationId, conversationNumber, version, attempts, write: () => emailOf(row) };
}

function emailOf(row: Row): DraftedEmail {
  const { contactName, contactEmail, mailbox, channelName } = row;
  const { to: chosen, cc, bcc, toContact } = participantsOf(row.participants);
  // The address of the contact may have been corrected since.
  const to = toContact || chosen.length === 0 ? [{ name: contactName, address: contactEmail }] : chosen;
  const recipients = to.flatMap(({ name, address }) => (address === null ? [] : [{ name, address }]));
  if (recipients.length === 0) throw new SendFailure('NO_ADDRESS', 'The contact has no e-mail address.', true);
  if (![...recipients, ...cc, ...bcc].every(({ address }) => isMailAddress(address))) {
    throw new SendFailure('ADDRESS', 'The e-mail address of the contact cannot be sent to.', true);
  }
  if (mailbox === null || !isEmail(mailbox)) {
    throw new SendFailure('NO_MAILBOX', 'The conversation has no e-mail channel with an address any more.', true);
  }
  const earlier = row.earlier.filter(({ id }) => isRealMailId(id));
  return {
    from: { name: row.authorName ?? channelName, address: mailbox },
    to: recipients,
    cc,
    bcc,
    replyTo: null,
    subject: subjectOf(row),
    date: row.createdAt,
    messageId: row.emailMessageId,
    inReplyTo: (earlier.find(({ inbound }) => inbound) ?? earlier[0])?.id ?? null,
    references: earlier.map(({ id }) => id).reverse(),
    text: row.text,
    html: row.html,
    attachments: row.attachments,
  };
}

function subjectOf({ subject, channelName, showsNumber, conversationNumber, isAnswer }: Row): string {
  const plain = subject ?? channelName ?? '';
  const answers = isAnswer && !/^\s*re\s*:/i.test(plain) ? `Re: ${plain}` : plain;
  return showsNumber ? numberedSubject(answers, conversationNumber) : answers;
}
