import type { Caller } from '../../../auth/caller.js';
import { type Database, raw, sql, type Transaction } from '../../../db/database.js';
import { newId } from '../../../db/ids.js';
import { messages } from '../../../db/reading/tables.js';
import { insertWhen } from '../../../db/writing/insert.js';
import { notFound } from '../../../errors.js';
import type {
  Agent,
  Conversation,
  Message,
  MessageDirection,
  MessageStatus,
} from '../../../generated/prisma/client.js';
import { previewOf } from '../../../lib/text/preview.js';
import { type NewEvent, recordEvents } from '../../events/event.service.js';
import { type AttachedFile, insertAttachments } from '../attachment/attachment.writes.js';
import { isMade, type RowChange } from '../changes/change.statement.js';
import type { MailAuthentication } from './mail/message.authentication.js';
import { enqueueMail, messageIdOf, type OutgoingMail } from './mail/message.outgoing.js';
import { type Participants, participantsColumn } from './mail/message.participants.js';
import { summarising } from './message.summary.js';

/** A message to insert into a conversation. */
export interface NewMessage extends Partial<MailAuthentication> {
  direction: MessageDirection;
  text: string;
  html?: string | null | undefined;
  isInternal?: boolean;
  agentId: string | null;
  authorName: string | null;
  externalId?: string | null | undefined;
  sentAt?: Date | null | undefined;
  /** The Message-ID of its e-mail, and the digest that distinguishes e-mails with the same Message-ID. */
  emailMessageId?: string | null;
  emailDigest?: string | null;
  /** The stored file that is this e-mail byte for byte. */
  rawDigest?: string | null;
  participants?: Participants | null;
  isAutomatic?: boolean;
  isTruncated?: boolean;
  /** The mailbox to send it from, if it is outbound and no note. */
  mailed?: OutgoingMail & { mailbox: string };
}

/** The first status of a message. */
export const statusOf: Record<MessageDirection, MessageStatus> = {
  INBOUND: 'RECEIVED',
  OUTBOUND: 'SENT',
  SYSTEM: 'SENT',
};

/** A message to insert, with its files. */
export interface NewMessageWithFiles extends NewMessage {
  attachments?: readonly AttachedFile[];
}

/** Whether the message is sent by e-mail once it is inserted. */
export const isSent = ({ mailed, direction, isInternal = false }: NewMessage): boolean =>
  mailed !== undefined && direction === 'OUTBOUND' && !isInternal;

/** The row of a new message; columns that it lacks take their defaults. */
export function messageRow(
  { workspaceId, id: conversationId }: Pick<Conversation, 'workspaceId' | 'id'>,
  message: NewMessage,
) {
  const { isInternal = false, html = null, externalId = null, sentAt, mailed, participants, ...content } = message;
  const id = newId('Message');
  return {
    workspaceId,
    id,
    conversationId,
    ...content,
    html,
    externalId,
    ...(participants && { participants: participantsColumn(participants) }),
    internal: isInternal,
    preview: previewOf(content.text),
    status: statusOf[content.direction],
    sentAt: sentAt ?? new Date(),
    ...(mailed && isSent(message) && { status: mailed.statusAtFirst, emailMessageId: messageIdOf(id, mailed.mailbox) }),
  };
}

type MessageRow = ReturnType<typeof messageRow>;

function messageCreated(message: MessageRow): NewEvent {
  const { id, conversationId, direction, internal: isInternal, preview, authorName, isAutomatic } = message;
  const after = { conversationId, direction, isInternal, preview, authorName, ...(isAutomatic && { isAutomatic }) };
  return { type: 'message.created', entityId: id, data: { after } };
}

/** Inserts a message with its attachments and its event, and queues its e-mail. The caller updates the conversation. */
export async function insertMessage(
  tx: Transaction,
  caller: Caller,
  conversation: Pick<Conversation, 'workspaceId' | 'id'>,
  { attachments = [], ...content }: NewMessageWithFiles,
): Promise<Message> {
  const row = messageRow(conversation, content);
  const message = await tx.message.create({ data: row });
  if (isSent(content)) await enqueueMail(tx, message);
  await insertAttachments(tx, message, attachments);
  await recordEvents(tx, caller, [messageCreated(row)]);
  return message;
}

/**
 * The change that adds a message to a conversation in the state `seen`. If the conversation already has a message with
 * its externalId, that one is returned as `m` instead. `isLatest`: only if the message is later than all others.
 */
export function adding(message: MessageRow, seen: SeenConversation, { isLatest }: { isLatest: boolean }): RowChange {
  const { workspaceId, externalId, sentAt } = message;
  const summary = summarising(message);
  const { entityId, type, data } = messageCreated(message);
  const isLate = isLatest ? sql`l."lastMessageAt" >= ${sentAt}::timestamptz` : raw('false');
  return {
    ...summary,
    with: {
      known: sql`SELECT * FROM "Message" WHERE "workspaceId" = ${workspaceId} AND "externalId" = ${externalId}`,
    },
    isRepeated: raw('EXISTS (SELECT FROM known)'),
    isOvertaken: sql`l."customerId" <> ${seen.customerId} OR l."channelId" IS DISTINCT FROM ${seen.channelId} OR ${isLate}`,
    writes: { ...summary.writes, added: insertWhen('Message', message, sql`EXISTS (SELECT FROM d WHERE ${isMade})`) },
    answer: {
      columns: messages.project().selectNamed('m'),
      join: raw('LEFT JOIN (SELECT * FROM added UNION ALL SELECT * FROM known) AS m ON true'),
    },
    events: [{ entityId, type, data: sql`${JSON.stringify(data)}::jsonb` }, ...summary.events],
  };
}

/** The data that a new message depends on. It is read before the conversation is locked. */
interface SeenConversation extends Writers {
  customerId: string;
  channelId: string | null;
  lastMessageAt: Date;
  /** The address of the conversation's e-mail channel, null if it has no such channel. */
  mailbox: string | null;
  /** The sender and recipients of the latest inbound message. */
  asked: unknown;
}

/** Reads a conversation for a message that an agent may write. @throws NOT_FOUND */
export async function readForMessage(
  db: Database,
  { workspaceId }: Caller,
  id: string,
  agentId: string | null,
): Promise<SeenConversation> {
  const [seen] = await db.prisma.$queryRaw<SeenConversation[]>(sql`
    SELECT r."customerId", r."channelId", r."lastMessageAt", (
      SELECT c."address" FROM "Channel" AS c
      WHERE c."workspaceId" = r."workspaceId" AND c."id" = r."channelId" AND c."kind" = 'EMAIL') AS "mailbox", (
      SELECT json_build_object('name', p."name", 'address', p."email") FROM "Customer" AS p
      WHERE p."workspaceId" = r."workspaceId" AND p."id" = r."customerId") AS "contact", (
      SELECT json_build_object('id', a."id", 'name', a."name") FROM "Agent" AS a
      WHERE a."workspaceId" = r."workspaceId" AND a."id" = ${agentId}) AS "agent", (
      SELECT m."participants" FROM "Message" AS m
      WHERE m."workspaceId" = r."workspaceId" AND m."conversationId" = r."id" AND m."direction" = 'INBOUND'
        AND NOT m."isAutomatic" ORDER BY m."sentAt" DESC, m."id" DESC LIMIT 1) AS "asked"
    FROM "Conversation" AS r WHERE r."workspaceId" = ${workspaceId} AND r."id" = ${id}`);
  if (!seen) throw notFound('Conversation', ['conversationId']);
  return seen;
}

interface Writers {
  contact: { name: string | null; address: string | null };
  /** The agent whose id was given. */
  agent: Pick<Agent, 'id' | 'name'> | null;
}

/**
 * The author of a message, with the current name: the contact of an inbound message, else the agent.
 * @throws NOT_FOUND
 */
export function authorOf(
  written: { direction: MessageDirection; agentId: string | null; authorName?: string | null | undefined },
  { contact, agent }: Writers,
): { agentId: string | null; authorName: string | null } {
  if (written.direction === 'INBOUND') {
    return { agentId: null, authorName: written.authorName ?? contact.name ?? contact.address };
  }
  if (written.agentId === null) return { agentId: null, authorName: written.authorName ?? null };
  if (!agent) throw notFound('Agent', ['agentId']);
  return { agentId: agent.id, authorName: written.authorName ?? agent.name };
}
