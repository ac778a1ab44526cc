import { sql } from '../../../db/database.js';
import type { Read } from '../../../db/reading/snapshot.js';
import { agents, attachments, channels, conversations, customers, messages } from '../../../db/reading/tables.js';
import type {
  Agent,
  Channel,
  Conversation,
  Customer,
  Message,
  MessageAttachment,
} from '../../../generated/prisma/client.js';

const conversationsAtOnce = 100;
const messagesAtOnce = 200;

/** Where a line ends and the conversation goes on in the next one: far below what an import takes in one. */
const maxMessages = 1_000;
const maxCharacters = 1_000_000;

const customerFields = ['id', 'externalId', 'email', 'name'] as const;
const channelFields = ['id', 'kind', 'name', 'address', 'version', 'createdAt', 'updatedAt'] as const;
const agentFields = [
  'id',
  'email',
  'name',
  'avatarUrl',
  'version',
  'createdAt',
  'updatedAt',
  'deactivatedAt',
] as const satisfies readonly (keyof Agent)[];
const attachmentFields = ['id', 'url', 'fileName', 'contentType', 'sizeBytes', 'createdAt'] as const;

const customerColumns = customers.project(customerFields);
const channelColumns = channels.project(channelFields);
const agentColumns = agents.project(agentFields);
const attachmentColumns = attachments.project(['messageId', ...attachmentFields]);

type AgentRow = Pick<Agent, (typeof agentFields)[number]>;

interface ConversationRow {
  conversation: Conversation;
  customer: Pick<Customer, (typeof customerFields)[number]>;
  channel: Pick<Channel, (typeof channelFields)[number]> | null;
  assignee: AgentRow | null;
}

interface MessageRow {
  message: Message;
  agent: AgentRow | null;
  attachments: readonly MessageAttachment[];
}

/** What a line says of a conversation; `importedConversation` takes it. */
export interface ExportedLine {
  line: object;
  /** False for a line that continues the one before. */
  begins: boolean;
  messages: number;
}

/**
 * The workspace's conversations with their messages as an import takes them, in the order of their ids, a line at a
 * time. A long conversation takes several lines. Those of deleted customers are left out: nobody could be named.
 */
export async function* exportedConversations(read: Read, workspaceId: string): AsyncGenerator<ExportedLine> {
  for (let after = ''; ; ) {
    const page = await readConversations(read, workspaceId, after);
    const [first, last] = [page[0], page.at(-1)];
    if (!first || !last) return;
    yield* linesOf(page, readMessages(read, workspaceId, first.conversation.id, last.conversation.id));
    if (page.length < conversationsAtOnce) return;
    after = last.conversation.id;
  }
}

/** Puts messages, in the order of their conversations, with these. */
async function* linesOf(
  page: readonly ConversationRow[],
  rows: AsyncGenerator<MessageRow>,
): AsyncGenerator<ExportedLine> {
  let next = await rows.next();
  for (const row of page) {
    let begins = true;
    let said: MessageRow[] = [];
    let characters = 0;
    for (; !next.done && next.value.message.conversationId <= row.conversation.id; next = await rows.next()) {
      const { message } = next.value;
      // A conversation that is left out lies between two of the page.
      if (message.conversationId !== row.conversation.id) continue;
      if (said.length >= maxMessages || characters >= maxCharacters) {
        yield { line: lineOf(row, said, begins), begins, messages: said.length };
        begins = false;
        said = [];
        characters = 0;
      }
      said.push(next.value);
      characters += message.text.length + (message.html?.length ?? 0);
    }
    yield { line: lineOf(row, said, begins), begins, messages: said.length };
  }
}

/** What the messages say is left to them: when the first and the last were sent, and what that one began with. */
function lineOf({ conversation, customer, channel, assignee }: ConversationRow, said: MessageRow[], begins: boolean) {
  const { id, externalId, source, status, subject, unreadCount, version } = conversation;
  const { closedAt, snoozedUntil, createdAt, updatedAt } = conversation;
  const named = [assignee, ...said.map(({ agent }) => agent)].filter((agent) => agent !== null);
  return {
    id,
    externalId,
    ...(!begins && { continued: true }),
    source,
    status,
    subject,
    unreadCount,
    closedAt,
    snoozedUntil,
    createdAt,
    updatedAt,
    version,
    channel,
    customer,
    assignee: assignee?.email ?? null,
    agents: [...new Map(named.map((agent) => [agent.id, agent])).values()],
    messages: said.map(messageOf),
  };
}

const messageOf = ({ message, agent, attachments }: MessageRow) => ({
  id: message.id,
  externalId: message.externalId,
  direction: message.direction,
  isInternal: message.internal,
  author: message.authorName,
  agent: agent?.email ?? null,
  text: message.text,
  html: message.html,
  status: message.status,
  sentAt: message.sentAt,
  createdAt: message.createdAt,
  editedAt: message.editedAt,
  version: message.version,
  ...(message.emailMessageId !== null && { email: emailOf(message, message.emailMessageId) }),
  attachments: attachments.map((file) => Object.fromEntries(attachmentFields.map((field) => [field, file[field]]))),
});

const emailOf = (message: Message, messageId: string) => ({
  messageId,
  deliveredAt: message.deliveredAt,
  attempts: message.sendAttempts,
  failure: message.failureCode === null ? null : failureOf(message, message.failureCode),
});

const failureOf = ({ failureReason: reason, failureIsPermanent: isPermanent }: Message, code: string) => {
  return { code, reason, isPermanent };
};

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
      conversation,
      customer: customerColumns.row(values, customerAt),
      channel: conversation.channelId === null ? null : channelColumns.row(values, channelAt),
      assignee: conversation.assigneeId === null ? null : agentColumns.row(values, channelAt + channelColumns.width),
    };
  });
}

/** The messages of the conversations from the first to the last id, in the order of these and as they were sent. */
async function* readMessages(read: Read, workspaceId: string, first: string, last: string): AsyncGenerator<MessageRow> {
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
      return { message, agent: message.agentId === null ? null : agentColumns.row(values, columns.width) };
    });
    const files = await readAttachments(read, workspaceId, page);
    for (const row of page) yield { ...row, attachments: files.get(row.message.id) ?? [] };
    const end = page.at(-1)?.message;
    if (!end || page.length < messagesAtOnce) return;
    const { conversationId, sentAt, id } = end;
    begin = sql`(m."conversationId", m."sentAt", m."id") > (${conversationId}, ${sentAt}::timestamptz, ${id})`;
  }
}

/** The attachments by the id of their message, in the order they were given in. */
async function readAttachments(
  read: Read,
  workspaceId: string,
  page: readonly { message: Message }[],
): Promise<Map<string, MessageAttachment[]>> {
  const ids = page.map(({ message }) => message.id);
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
