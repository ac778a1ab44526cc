import { sql, type Transaction } from '../../../db/database.js';
import { newId } from '../../../db/ids.js';
import { Overtaken } from '../../../db/writing/import-batch.js';
import { insertRows } from '../../../db/writing/insert.js';
import type { Conversation, Customer, Message, MessageAttachment } from '../../../generated/prisma/client.js';
import { previewOf } from '../../../lib/text/preview.js';
import type { NewEvent } from '../../events/event.service.js';
import { attachmentRows } from '../attachment/attachment.writes.js';
import { conversationRecord } from '../conversation.record.js';
import { abandonedAmong, assigned, joinFirstTimes, statusChanged } from '../conversation.writes.js';
import { participantsColumn } from '../message/mail/message.participants.js';
import { messageRecord } from '../message/message.record.js';
import { statusOf } from '../message/message.writes.js';
import { isSnoozed, unsnoozed } from '../times/conversation.snooze.js';
import type { ImportedConversation, ImportedMessage } from './conversation.import.input.js';
import { withFreeNumbers } from './conversation.import.numbers.js';
import type { References } from './conversation.import.references.js';

/** The columns of an existing conversation that an import needs. */
export type StoredConversation = Pick<Conversation, (typeof storedColumns)[number]>;

export const storedColumns = [
  'id',
  'externalId',
  'customerId',
  'assigneeId',
  'status',
  'closedAt',
  'snoozedUntil',
  'lastMessageAt',
] as const satisfies readonly (keyof Conversation)[];

/** A message with the id of the agent that it names. */
export type PlannedMessage = ImportedMessage & { agentId: string | null };

/** The changes of an imported batch in a customer's summary of conversations. */
interface CustomerNews {
  conversations: number;
  last?: { sentAt: Date; preview: string };
}

/** An existing conversation that gets new messages. */
interface Grown {
  id: string;
  /** How much its version increases. */
  changes: number;
  /** True if the customer wrote again, which ends a snooze. */
  wakes: boolean;
}

/** The rows that an imported batch will write, in the order of the file. Their ids keep this order. */
export class ImportPlan {
  private readonly conversations: Partial<Conversation>[] = [];
  private readonly messages: Partial<Message>[] = [];
  private readonly attachments: Partial<MessageAttachment>[] = [];
  private readonly grown: Grown[] = [];
  private readonly reopened: StoredConversation[] = [];
  private readonly customers = new Map<string, CustomerNews>();

  /** Events to record are added to `events`. `storedFiles` are the files that are stored here, by digest. */
  constructor(
    private readonly workspaceId: string,
    private readonly events: NewEvent[],
    private readonly storedFiles: ReadonlySet<string>,
  ) {}

  /** The digest of a file that is stored here; null for one that is not. */
  private stored(digest: string | null | undefined): string | null {
    return digest != null && this.storedFiles.has(digest) ? digest : null;
  }

  /** Plans a new conversation. Values that the file lacks are derived from the messages. */
  start(item: ImportedConversation & References & { id: string }, customer: Customer): void {
    const { id, channelId, assigneeId, source, subject = null, closedAt } = item;
    // The sort is stable, so messages with the same time stay in the order of the file.
    const said = item.messages
      .filter(({ isInternal }) => !isInternal)
      .toSorted((a, b) => a.sentAt.getTime() - b.sentAt.getTime());
    const asked = said.findIndex(({ direction }) => direction === 'INBOUND');
    const answer = asked === -1 ? undefined : said.slice(asked).find(({ direction }) => direction === 'OUTBOUND');
    const createdAt = item.createdAt ?? earliest(item.messages);
    const last = said.at(-1);
    const lastMessageAt = last?.sentAt ?? createdAt;
    const status = item.status ?? 'OPEN';
    this.conversations.push({
      ...conversationRecord.row(item),
      workspaceId: this.workspaceId,
      id,
      customerId: customer.id,
      channelId,
      assigneeId,
      number: item.number ?? 0,
      status,
      unreadCount: item.unreadCount ?? 0,
      lastMessageAt,
      lastMessagePreview: previewOf(last?.text ?? ''),
      firstInboundAt: said[asked]?.sentAt ?? null,
      firstResponseAt: answer?.sentAt ?? null,
      closedAt: status === 'OPEN' ? null : (closedAt ?? lastMessageAt),
      createdAt,
      version: item.version ?? 1,
    });
    this.newsOf(customer).conversations += 1;
    const after = { customerId: customer.id, source, subject, assigneeId, ...(status !== 'OPEN' && { status }) };
    this.events.push({ type: 'conversation.created', entityId: id, data: { after } });
  }

  /**
   * Adds new messages to a conversation. It is reopened if the customer wrote after it was closed, and its snooze ends
   * if the customer wrote again. The messages of a continued line belong to the same export, so they do not count as a
   * change.
   */
  grow(
    conversation: StoredConversation,
    messages: readonly ImportedMessage[],
    { continued }: Pick<ImportedConversation, 'continued'>,
  ): void {
    const { id, status, closedAt, lastMessageAt } = conversation;
    const wroteAfter = (time: Date | null): boolean =>
      !continued && messages.some(({ direction, sentAt }) => direction === 'INBOUND' && time !== null && sentAt > time);
    const wakes = wroteAfter(lastMessageAt);
    this.grown.push({ id, changes: continued ? 0 : 1, wakes });
    if (wakes && isSnoozed(conversation)) this.events.push(unsnoozed(conversation));
    if (status !== 'CLOSED' || !wroteAfter(closedAt)) return;
    this.reopened.push(conversation);
    this.events.push(statusChanged(id, 'CLOSED', 'OPEN'));
  }

  addMessages(
    conversation: { id: string } & Pick<ImportedConversation, 'team' | 'channel'>,
    customer: Customer,
    messages: readonly PlannedMessage[],
  ): void {
    const news = this.newsOf(customer);
    const team = conversation.team ?? conversation.channel?.name ?? null;
    for (const message of messages) {
      const { author, direction, agentId, sentAt, email } = message;
      const id = message.id ?? newId('Message');
      const preview = previewOf(message.text);
      const isInternal = message.isInternal ?? false;
      const authorName =
        author === undefined ? (direction === 'INBOUND' ? (customer.name ?? customer.email) : team) : author;
      this.messages.push({
        ...messageRecord.row(message),
        workspaceId: this.workspaceId,
        id,
        conversationId: conversation.id,
        internal: isInternal,
        authorName,
        agentId,
        preview,
        status: message.status ?? statusOf[direction],
        version: message.version ?? 1,
        createdAt: message.createdAt ?? new Date(),
        emailMessageId: email?.messageId ?? null,
        deliveredAt: email?.deliveredAt ?? null,
        sendAttempts: email?.attempts ?? 0,
        failureCode: email?.failure?.code ?? null,
        failureReason: email?.failure?.reason ?? null,
        failureIsPermanent: email?.failure?.isPermanent ?? null,
        failureRecipient: email?.failure?.recipient ?? null,
        relayMessageId: email?.relayMessageId ?? null,
        emailDigest: email?.digest ?? null,
        rawDigest: this.stored(email?.raw),
        participants: message.participants ? participantsColumn(message.participants) : null,
        spf: message.authentication?.spf ?? null,
        dkim: message.authentication?.dkim ?? null,
        dmarc: message.authentication?.dmarc ?? null,
        isAutomatic: message.isAutomatic ?? false,
        isTruncated: message.isTruncated ?? false,
      });
      const files = (message.attachments ?? []).map((file) => ({ ...file, digest: this.stored(file.digest) }));
      this.attachments.push(...attachmentRows({ workspaceId: this.workspaceId, id }, files));
      if (!isInternal && (!news.last || sentAt >= news.last.sentAt)) news.last = { sentAt, preview };
      const data = { after: { conversationId: conversation.id, direction, isInternal, preview, authorName } };
      this.events.push({ type: 'message.created', entityId: id, data });
    }
  }

  /** Writes everything but the events, of which it may add some. @throws Overtaken */
  async write(tx: Transaction): Promise<void> {
    const { workspaceId, messages, attachments } = this;
    const conversations = await withFreeNumbers(tx, workspaceId, this.conversations);
    if ((await insertRows(tx, 'Conversation', conversations)) < conversations.length) throw new Overtaken();
    if ((await insertRows(tx, 'Message', messages)) < messages.length) throw new Overtaken();
    if ((await insertRows(tx, 'MessageAttachment', attachments)) < attachments.length) throw new Overtaken();
    if (this.grown.length > 0) await this.summariseGrown(tx);
    if (this.reopened.length > 0) await this.reopen(tx);
    await this.summariseForCustomers(tx);
  }

  /** A reopened conversation whose agent was deactivated becomes unassigned. */
  private async reopen(tx: Transaction): Promise<void> {
    const { workspaceId } = this;
    const among = (rows: readonly StoredConversation[]) => ({ workspaceId, id: { in: rows.map(({ id }) => id) } });
    await tx.conversation.updateMany({ where: among(this.reopened), data: { status: 'OPEN', closedAt: null } });
    const abandoned = await abandonedAmong(tx, workspaceId, this.reopened);
    if (abandoned.length === 0) return;
    this.events.push(...abandoned.map((conversation) => assigned(conversation, null)));
    await tx.conversation.updateMany({ where: among(abandoned), data: { assigneeId: null } });
  }

  private newsOf({ id }: Customer): CustomerNews {
    let news = this.customers.get(id);
    if (!news) {
      news = { conversations: 0 };
      this.customers.set(id, news);
    }
    return news;
  }

  /** Recomputes from all messages, because the new ones may be older than those that were there. */
  private async summariseGrown(tx: Transaction): Promise<void> {
    await tx.$executeRaw(sql`UPDATE "Conversation" AS c SET
        "lastMessageAt" = COALESCE(last."sentAt", c."lastMessageAt"),
        "lastMessagePreview" = COALESCE(last."preview", c."lastMessagePreview"),
        "firstInboundAt" = asked."sentAt",
        "firstResponseAt" = answer."sentAt",
        "snoozedUntil" = CASE WHEN grown."wakes" THEN NULL ELSE c."snoozedUntil" END,
        "version" = c."version" + grown."changes",
        "updatedAt" = CASE WHEN grown."changes" > 0 THEN now() ELSE c."updatedAt" END
      FROM unnest(
        ${this.grown.map(({ id }) => id)}::text[],
        ${this.grown.map(({ changes }) => changes)}::int[],
        ${this.grown.map(({ wakes }) => wakes)}::boolean[]
      ) AS grown("id", "changes", "wakes")
      LEFT JOIN LATERAL (
        SELECT m."sentAt", m."preview" FROM "Message" AS m
        WHERE m."workspaceId" = ${this.workspaceId} AND m."conversationId" = grown."id" AND NOT m."internal"
        ORDER BY m."sentAt" DESC, m."id" DESC LIMIT 1
      ) AS last ON true
      ${joinFirstTimes(this.workspaceId, sql`grown."id"`)}
      WHERE c."workspaceId" = ${this.workspaceId} AND c."id" = grown."id"`);
  }

  /** Updates the summary of the customers, as adding a message does for one. */
  private async summariseForCustomers(tx: Transaction): Promise<void> {
    const news = [...this.customers].flatMap(([id, { conversations, last }]) => {
      if (conversations === 0 && !last) return [];
      return { id, conversations, sentAt: last?.sentAt.toISOString() ?? null, preview: last?.preview ?? null };
    });
    if (news.length === 0) return;
    await tx.$executeRaw(sql`UPDATE "Customer" AS c SET
        "conversationCount" = c."conversationCount" + news."conversations",
        "lastMessagePreview" = CASE WHEN news."sentAt" IS NULL OR c."lastMessageAt" > news."sentAt"
          THEN c."lastMessagePreview" ELSE news."preview" END,
        "lastMessageAt" = GREATEST(c."lastMessageAt", news."sentAt")
      FROM unnest(
        ${news.map((row) => row.id)}::text[],
        ${news.map((row) => row.conversations)}::int[],
        ${news.map((row) => row.sentAt)}::timestamptz[],
        ${news.map((row) => row.preview)}::text[]
      ) AS news("id", "conversations", "sentAt", "preview")
      WHERE c."workspaceId" = ${this.workspaceId} AND c."id" = news."id"`);
  }
}

const earliest = (messages: readonly ImportedMessage[]): Date =>
  new Date(Math.min(...messages.map(({ sentAt }) => sentAt.getTime())));
