import { sql, type Transaction } from '../../db/database.js';
import { newId } from '../../db/ids.js';
import { insertRows } from '../../db/insert.js';
import type { Conversation, Message } from '../../generated/prisma/client.js';
import { previewOf } from '../../lib/preview.js';
import { type KnownCustomer, Overtaken } from '../customer/customer.import.js';
import type { NewEvent } from '../events/event.service.js';
import { statusOf } from '../message/message.service.js';
import type { ImportedConversation, ImportedMessage } from './conversation.import.input.js';
import { abandonedAmong, assigned, joinFirstTimes, statusChanged } from './conversation.writes.js';

/** What an import must know of a conversation that is there already. */
export type StoredConversation = Pick<Conversation, 'id' | 'customerId' | 'assigneeId' | 'status' | 'closedAt'> & {
  externalId: string;
};

/** What an imported batch adds to what its customer's row says of the conversations. */
interface CustomerNews {
  conversations: number;
  last?: { sentAt: Date; preview: string };
}

/** The rows that an imported batch is about to write, in the order of the file, which the ids keep. */
export class ImportPlan {
  readonly events: NewEvent[] = [];
  private readonly conversations: Partial<Conversation>[] = [];
  private readonly messages: Partial<Message>[] = [];
  private readonly grown: string[] = [];
  private readonly reopened: StoredConversation[] = [];
  private readonly customers = new Map<string, CustomerNews>();

  constructor(private readonly workspaceId: string) {}

  /** A conversation that is not there yet, begun with its earliest message. */
  start(item: ImportedConversation & { id: string; channelId: string }, customer: KnownCustomer): void {
    const { id, externalId, channelId, source, subject = null } = item;
    // Stable, so that messages of one time stay in the order of the file, as their ids do.
    const ordered = item.messages.toSorted((a, b) => a.sentAt.getTime() - b.sentAt.getTime());
    const times = ordered.map(({ sentAt }) => sentAt.getTime());
    const asked = ordered.findIndex(({ direction }) => direction === 'INBOUND');
    const answer = asked === -1 ? undefined : ordered.slice(asked).find(({ direction }) => direction === 'OUTBOUND');
    this.conversations.push({
      workspaceId: this.workspaceId,
      id,
      externalId,
      customerId: customer.id,
      channelId,
      source,
      subject,
      lastMessageAt: new Date(Math.max(...times)),
      lastMessagePreview: previewOf(ordered.at(-1)?.text ?? ''),
      firstInboundAt: ordered[asked]?.sentAt ?? null,
      firstResponseAt: answer?.sentAt ?? null,
      createdAt: new Date(Math.min(...times)),
    });
    this.newsOf(customer).conversations += 1;
    const data = { after: { customerId: customer.id, source, subject, assigneeId: null } };
    this.events.push({ type: 'conversation.created', entityId: id, data });
  }

  /** A conversation that gets messages which it did not have; reopened when the customer wrote after it was closed. */
  grow(conversation: StoredConversation, messages: readonly ImportedMessage[]): void {
    const { id, status, closedAt } = conversation;
    this.grown.push(id);
    const wroteAgain = messages.some(
      ({ direction, sentAt }) => direction === 'INBOUND' && closedAt !== null && sentAt > closedAt,
    );
    if (status !== 'CLOSED' || !wroteAgain) return;
    this.reopened.push(conversation);
    this.events.push(statusChanged(id, 'CLOSED', 'OPEN'));
  }

  addMessages(
    conversation: { id: string; team: string },
    customer: KnownCustomer,
    messages: readonly ImportedMessage[],
  ): void {
    const news = this.newsOf(customer);
    for (const { author, direction, text, html = null, sentAt, externalId } of messages) {
      const id = newId('Message');
      const preview = previewOf(text);
      const authorName = author ?? (direction === 'INBOUND' ? (customer.name ?? customer.email) : conversation.team);
      this.messages.push({
        workspaceId: this.workspaceId,
        id,
        conversationId: conversation.id,
        direction,
        authorName,
        text,
        html,
        preview,
        status: statusOf[direction],
        externalId,
        sentAt,
      });
      if (!news.last || sentAt >= news.last.sentAt) news.last = { sentAt, preview };
      const data = { after: { conversationId: conversation.id, direction, isInternal: false, preview, authorName } };
      this.events.push({ type: 'message.created', entityId: id, data });
    }
  }

  /** Writes everything but the events, of which it may add some. @throws Overtaken */
  async write(tx: Transaction): Promise<void> {
    if (this.messages.length === 0) return;
    const { conversations, messages } = this;
    if ((await insertRows(tx, 'Conversation', conversations)) < conversations.length) throw new Overtaken();
    if ((await insertRows(tx, 'Message', messages)) < messages.length) throw new Overtaken();
    if (this.grown.length > 0) await this.summariseGrown(tx);
    if (this.reopened.length > 0) await this.reopen(tx);
    await this.summariseForCustomers(tx);
  }

  /** Like any conversation that opens again, one whose agent was deactivated meanwhile has none. */
  private async reopen(tx: Transaction): Promise<void> {
    const { workspaceId } = this;
    const among = (rows: readonly StoredConversation[]) => ({ workspaceId, id: { in: rows.map(({ id }) => id) } });
    await tx.conversation.updateMany({ where: among(this.reopened), data: { status: 'OPEN', closedAt: null } });
    const abandoned = await abandonedAmong(tx, workspaceId, this.reopened);
    if (abandoned.length === 0) return;
    this.events.push(...abandoned.map((conversation) => assigned(conversation, null)));
    await tx.conversation.updateMany({ where: among(abandoned), data: { assigneeId: null } });
  }

  private newsOf({ id }: KnownCustomer): CustomerNews {
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
        "lastMessageAt" = last."sentAt",
        "lastMessagePreview" = last."preview",
        "firstInboundAt" = asked."sentAt",
        "firstResponseAt" = answer."sentAt",
        "version" = c."version" + 1,
        "updatedAt" = now()
      FROM unnest(${this.grown}::text[]) AS grown("id")
      CROSS JOIN LATERAL (
        SELECT m."sentAt", m."preview" FROM "Message" AS m
        WHERE m."workspaceId" = ${this.workspaceId} AND m."conversationId" = grown."id" AND NOT m."internal"
        ORDER BY m."sentAt" DESC, m."id" DESC LIMIT 1
      ) AS last
      ${joinFirstTimes(this.workspaceId, sql`grown."id"`)}
      WHERE c."workspaceId" = ${this.workspaceId} AND c."id" = grown."id"`);
  }

  /** As adding a message does for one customer. */
  private async summariseForCustomers(tx: Transaction): Promise<void> {
    const news = [...this.customers].flatMap(([id, { conversations, last }]) =>
      last ? [{ id, conversations, sentAt: last.sentAt.toISOString(), preview: last.preview }] : [],
    );
    await tx.$executeRaw(sql`UPDATE "Customer" AS c SET
        "conversationCount" = c."conversationCount" + news."conversations",
        "lastMessagePreview" = CASE WHEN c."lastMessageAt" > news."sentAt"
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
