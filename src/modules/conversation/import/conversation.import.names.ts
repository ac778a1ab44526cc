import { sql, type Transaction } from '../../../db/database.js';
import { conversations } from '../../../db/reading/tables.js';
import { conflict } from '../../../errors.js';
import { comparableMailId } from '../message/mail/mail-id.js';
import type { ImportedConversation, ImportedMessage } from './conversation.import.input.js';
import { type StoredConversation, storedColumns } from './conversation.import.plan.js';

/** The keys of the conversations, messages and attachments of a batch, and which of them already exist. */

/** Rows by both names that a file can give them. */
interface Named<Row> {
  byExternalId: Map<string, Row>;
  byId: Map<string, Row>;
}

function named<Row extends { id: string; externalId: string | null }>(rows: readonly Row[]): Named<Row> {
  return {
    byExternalId: new Map(rows.flatMap((row) => (row.externalId === null ? [] : [[row.externalId, row]]))),
    byId: new Map(rows.map((row) => [row.id, row])),
  };
}

/** The conversation that has a message. */
interface Owner {
  conversationId: string;
}

/** The keys of a batch that are taken, by stored rows or by earlier items of the batch. */
export class TakenNames {
  private constructor(
    private readonly conversations: Named<StoredConversation>,
    private readonly messages: Named<Owner>,
    private readonly attachments: Set<string>,
    private readonly mails: Map<string, Owner>,
  ) {}

  /** Locks the conversations, in the order of their ids. */
  static async read(tx: Transaction, workspaceId: string, batch: readonly ImportedConversation[]): Promise<TakenNames> {
    return new TakenNames(
      await lockConversations(tx, workspaceId, batch),
      await readOwners(tx, workspaceId, batch),
      await readAttachments(tx, workspaceId, batch),
      await readMails(tx, workspaceId, batch),
    );
  }

  /**
   * The existing conversation, by externalId, else by id.
   * @throws CONFLICT when the conversation with the id has another externalId.
   */
  conversation({ id, externalId }: ImportedConversation): StoredConversation | undefined {
    const { byExternalId, byId } = this.conversations;
    const known = externalId == null ? undefined : byExternalId.get(externalId);
    const held = id == null ? undefined : byId.get(id);
    if (!held || held === known) return known;
    if (!known && (externalId == null || held.externalId === null)) return held;
    throw conflict(['id'], `Another conversation has this id: ${held.id}.`, held.id);
  }

  /**
   * Whether the conversation lacks the message.
   * @throws CONFLICT when a message of another conversation has the same key, or another message the same e-mail or one
   * of the attachments.
   */
  lacks(conversationId: string, { id, externalId, attachments, email }: ImportedMessage): boolean {
    const { byExternalId, byId } = this.messages;
    const known = externalId === null ? undefined : byExternalId.get(externalId);
    const owner = known ?? (id == null ? undefined : byId.get(id));
    if (owner?.conversationId === conversationId) return false;
    if (owner) {
      const name = known ? 'externalId' : 'id';
      const text = `A message of another conversation has this ${name}: ${owner.conversationId}.`;
      throw conflict([name], text, owner.conversationId);
    }
    const mailed = email && this.mails.get(mailNameOf(email));
    if (mailed) {
      const text = `Another message has this Message-ID, of ${mailed.conversationId}.`;
      throw conflict(['email', 'messageId'], text, mailed.conversationId);
    }
    for (const [index, attachment] of (attachments ?? []).entries()) {
      if (attachment.id == null || !this.attachments.has(attachment.id)) continue;
      throw conflict(
        ['attachments', index, 'id'],
        `Another message has this attachment: ${attachment.id}.`,
        attachment.id,
      );
    }
    return true;
  }

  /** Records the keys of a new message as taken by the conversation. */
  take(conversationId: string, { id, externalId, attachments, email }: ImportedMessage): void {
    if (email) this.mails.set(mailNameOf(email), { conversationId });
    if (externalId !== null) this.messages.byExternalId.set(externalId, { conversationId });
    if (id != null) this.messages.byId.set(id, { conversationId });
    for (const attachment of attachments ?? []) if (attachment.id != null) this.attachments.add(attachment.id);
  }
}

async function lockConversations(
  tx: Transaction,
  workspaceId: string,
  batch: readonly ImportedConversation[],
): Promise<Named<StoredConversation>> {
  const externalIds = batch.flatMap(({ externalId }) => externalId ?? []);
  const ids = batch.flatMap(({ id }) => id ?? []);
  const columns = conversations.project(storedColumns).select('r');
  const rows = await tx.$queryRaw<StoredConversation[]>(sql`SELECT ${columns} FROM "Conversation" AS r
    WHERE r."workspaceId" = ${workspaceId} AND (r."externalId" = ANY(${externalIds}::text[]) OR r."id" = ANY(${ids}::text[]))
    ORDER BY r."id" FOR UPDATE`);
  return named(rows);
}

/** Which conversation has the message of each name, where there is one. */
async function readOwners(
  tx: Transaction,
  workspaceId: string,
  batch: readonly ImportedConversation[],
): Promise<Named<Owner>> {
  const messages = batch.flatMap((item) => item.messages);
  const externalIds = messages.flatMap(({ externalId }) => externalId ?? []);
  const ids = messages.flatMap(({ id }) => id ?? []);
  const rows = await tx.$queryRaw<{ id: string; externalId: string | null; conversationId: string }[]>(sql`
    SELECT m."id", m."externalId", m."conversationId" FROM "Message" AS m
    WHERE m."workspaceId" = ${workspaceId}
      AND (m."externalId" = ANY(${externalIds}::text[]) OR m."id" = ANY(${ids}::text[]))`);
  return named(rows);
}

async function readAttachments(
  tx: Transaction,
  workspaceId: string,
  batch: readonly ImportedConversation[],
): Promise<Set<string>> {
  const files = batch.flatMap(({ messages }) => messages.flatMap(({ attachments }) => attachments ?? []));
  const ids = files.flatMap(({ id }) => id ?? []);
  if (ids.length === 0) return new Set();
  const rows = await tx.$queryRaw<{ id: string }[]>(sql`SELECT a."id" FROM "MessageAttachment" AS a
    WHERE a."workspaceId" = ${workspaceId} AND a."id" = ANY(${ids}::text[])`);
  return new Set(rows.map(({ id }) => id));
}

/** Which conversation has the message of each mail, where there is one. */
async function readMails(
  tx: Transaction,
  workspaceId: string,
  batch: readonly ImportedConversation[],
): Promise<Map<string, Owner>> {
  const ids = batch.flatMap(({ messages }) => messages.flatMap(({ email }) => email?.messageId ?? []));
  if (ids.length === 0) return new Map();
  const rows = await tx.$queryRaw<{ messageId: string; digest: string | null; conversationId: string }[]>(sql`
    SELECT m."emailMessageId" AS "messageId", m."emailDigest" AS "digest", m."conversationId" FROM "Message" AS m
    WHERE m."workspaceId" = ${workspaceId} AND m."emailMessageId" IS NOT NULL
      AND lower(m."emailMessageId") = ANY(${ids.map(comparableMailId)}::text[])`);
  return new Map(rows.map(({ conversationId, ...mail }) => [mailNameOf(mail), { conversationId }]));
}

/** E-mails with different contents may have the same Message-ID, so the digest is part of the key. */
const mailNameOf = ({ messageId, digest }: { messageId: string; digest?: string | null | undefined }): string =>
  `${digest ?? ''} ${comparableMailId(messageId)}`;
