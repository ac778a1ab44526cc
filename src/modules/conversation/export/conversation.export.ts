import { sql } from '../../../db/database.js';
import type { Read } from '../../../db/reading/snapshot.js';
import { agents, attachments, channels, conversations, customers, messages } from '../../../db/reading/tables.js';
import type { Message, MessageAttachment } from '../../../generated/prisma/client.js';
import { conversationRecord, type FiledConversation, identityFields } from '../conversation.record.js';
import type { FiledMessage } from '../message/message.record.js';

const conversationsAtOnce = 100;
const messagesAtOnce = 200;

/**
 * The maximum number of messages per line. A longer conversation continues in the next line. Far below the limit of an
 * import.
 */
const maxMessages = 1_000;
const maxCharacters = 1_000_000;

const customerColumns = customers.project(identityFields);
const channelColumns = channels.project();
const agentColumns = agents.project();
const attachmentColumns = attachments.project();

/** The data of a conversation that is read before its messages. */
type ConversationRow = Omit<FiledConversation, 'begins' | 'agents' | 'messages'>;

/** One line of an export, in the format that `importedConversation` accepts. */
export interface ExportedLine {
  line: object;
  /** False for a line that continues the one before. */
  begins: boolean;
  messages: number;
}

/**
 * The workspace's conversations with their messages in the format of an import, in the order of their ids, one line at
 * a time. A long conversation takes several lines. Conversations of deleted customers are left out, because they have
 * no customer to refer to.
 */
export async function* exportedConversations(read: Read, workspaceId: string): AsyncGenerator<ExportedLine> {
  for (let after = ''; ; ) {
    const page = await readConversations(read, workspaceId, after);
    const [first, last] = [page[0], page.at(-1)];
    if (!first || !last) return;
    yield* linesOf(page, readMessages(read, workspaceId, first.id, last.id));
    if (page.length < conversationsAtOnce) return;
    after = last.id;
  }
}

/** Combines conversations with their messages into lines. Both must be in the order of the conversations. */
async function* linesOf(
  page: readonly ConversationRow[],
  rows: AsyncGenerator<FiledMessage>,
): AsyncGenerator<ExportedLine> {
  let next = await rows.next();
  for (const conversation of page) {
    let begins = true;
    let said: FiledMessage[] = [];
    let characters = 0;
    for (; !next.done && next.value.conversationId <= conversation.id; next = await rows.next()) {
      const message = next.value;
      // The message belongs to a conversation that is left out.
      if (message.conversationId !== conversation.id) continue;
      if (said.length >= maxMessages || characters >= maxCharacters) {
        yield lineOf(conversation, said, begins);
        begins = false;
        said = [];
        characters = 0;
      }
      said.push(message);
      characters += message.text.length + (message.html?.length ?? 0);
    }
    yield lineOf(conversation, said, begins);
  }
}

function lineOf(conversation: ConversationRow, messages: readonly FiledMessage[], begins: boolean): ExportedLine {
  const named = [conversation.assignee, ...messages.map(({ agent }) => agent)].filter((agent) => agent !== null);
  const agents = [...new Map(named.map((agent) => [agent.id, agent])).values()];
  const line = conversationRecord.line({ ...conversation, begins, agents, messages });
  return { line, begins, messages: messages.length };
}

async function readConversations(read: Read, workspaceId: string, after: string): Promise<ConversationRow[]> {
  const columns = conversations.project();
  const rows = await read(sql`SELECT ${columns.select('r')}, ${customerColumns.select('k')},
      ${channelColumns.select('c')}, ${agentColumns.select('a')}
    FROM "Conversation" AS r
    JOIN "Customer" AS k ON k."workspaceId" = r."workspaceId" AND k."id" = r."customerId"
    LEFT JOIN "Channel" AS c ON c."workspaceId" = r."workspaceId" AND c."id" = r."channelId"
    LEFT JOIN "Agent" AS a ON a."workspaceId" = r."workspaceId" AND a."id" = r."assigneeId"
    WHERE r."workspaceId" = ${workspaceId} AND r."id" > ${after} AND k."deletedAt" IS NULL
    ORDER BY r."id" LIMIT ${conversationsAtOnce}`);
  return rows.map((values) => {
    const customerAt = columns.width;
    const channelAt = customerAt + customerColumns.width;
    const conversation = columns.row(values);
    return {
      ...conversation,
      customer: customerColumns.row(values, customerAt),
      channel: conversation.channelId === null ? null : channelColumns.row(values, channelAt),
      assignee: conversation.assigneeId === null ? null : agentColumns.row(values, channelAt + channelColumns.width),
    };
  });
}

/** The messages of the conversations from the first to the last id, in the order of these and as they were sent. */
async function* readMessages(
  read: Read,
  workspaceId: string,
  first: string,
  last: string,
): AsyncGenerator<FiledMessage> {
  const columns = messages.project();
  let begin = sql`m."conversationId" >= ${first}`;
  for (;;) {
    const rows = await read(sql`SELECT ${columns.select('m')}, ${agentColumns.select('a')}
      FROM "Message" AS m
      LEFT JOIN "Agent" AS a ON a."workspaceId" = m."workspaceId" AND a."id" = m."agentId"
      WHERE m."workspaceId" = ${workspaceId} AND ${begin} AND m."conversationId" <= ${last}
      ORDER BY m."conversationId", m."sentAt", m."id" LIMIT ${messagesAtOnce}`);
    const page = rows.map((values) => {
      const message = columns.row(values);
      return { ...message, agent: message.agentId === null ? null : agentColumns.row(values, columns.width) };
    });
    const files = await readAttachments(read, workspaceId, page);
    for (const message of page) yield { ...message, attachments: files.get(message.id) ?? [] };
    const end = page.at(-1);
    if (!end || page.length < messagesAtOnce) return;
    const { conversationId, sentAt, id } = end;
    begin = sql`(m."conversationId", m."sentAt", m."id") > (${conversationId}, ${sentAt}::timestamptz, ${id})`;
  }
}

/** The attachments by the id of their message, in the order they were given in. */
async function readAttachments(
  read: Read,
  workspaceId: string,
  page: readonly Message[],
): Promise<Map<string, MessageAttachment[]>> {
  const ids = page.map(({ id }) => id);
  const rows = await read(sql`SELECT ${attachmentColumns.select('f')} FROM "MessageAttachment" AS f
    WHERE f."workspaceId" = ${workspaceId} AND f."messageId" = ANY(${ids}::text[]) ORDER BY f."id"`);
  const byMessage = new Map<string, MessageAttachment[]>();
  for (const file of rows.map((values) => attachmentColumns.row(values))) {
    const files = byMessage.get(file.messageId);
    if (files) files.push(file);
    else byMessage.set(file.messageId, [file]);
  }
  return byMessage;
}
