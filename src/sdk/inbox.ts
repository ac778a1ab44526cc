import { one, type Paged, pagesOf } from './paths.js';
import type { RequestOptions, Transport, WriteOptions } from './transport.js';

/** The inbox of TidySupport: contacts, conversations and messages. */

export type ConversationStatus = 'OPEN' | 'CLOSED' | 'ARCHIVED';
export type ConversationSource = 'EMAIL' | 'CHAT' | 'FORM' | 'API';

/** Whom a conversation is with; an address or a name that is not known is an empty text. */
export interface Person {
  /** Begins with "ctc_". */
  id: string;
  email: string;
  name: string;
}

export interface Contact extends Person {
  phone: string | null;
  status: 'ACTIVE' | 'ARCHIVED';
  source: 'EMAIL' | 'CHAT' | 'API' | 'FORM' | 'IMPORT';
  /** ISO 8601. */
  createdAt: string;
}

export interface ContactDetails extends Contact {
  avatarUrl: string | null;
  lastMessageAt: string | null;
  lastMessagePreview: string | null;
}

export interface Conversation {
  /** Begins with "thd_". */
  id: string;
  status: ConversationStatus;
  source: ConversationSource;
  subject: string | null;
  isUnread: boolean;
  lastMessageAt: string;
  lastMessagePreview: string;
  assignedToId: string | null;
  channelId: string | null;
  contact: Person & { avatarUrl: string | null };
}

export interface Attachment {
  id: string;
  fileName: string;
  contentType: string | null;
  sizeBytes: number | null;
  url: string | null;
}

export interface Message {
  /** Begins with "msg_". */
  id: string;
  direction: 'INBOUND' | 'OUTBOUND' | 'SYSTEM';
  senderType: 'CUSTOMER' | 'AGENT' | 'SYSTEM';
  /** Whether only the team sees it. */
  isInternal: boolean;
  contentText: string;
  contentHtml: string | null;
  contentPreview: string;
  status: 'SENT' | 'FAILED';
  attachments: Attachment[];
  agentId: string | null;
  createdAt: string;
  sentAt: string;
}

/** A message that was just written. */
export interface SentMessage {
  id: string;
  contentPreview: string;
  status: 'SENT';
}

export interface StartConversationInput {
  email: string;
  name?: string | null;
  subject?: string | null;
  contentText: string;
}

export interface StartedConversation {
  conversation: { id: string };
  contact: { id: string };
  message: SentMessage;
}

export interface CreateMessageInput {
  contentText: string;
  contentHtml?: string | null;
  /** A note that only the team sees; an answer to the contact when left out. */
  isInternal?: boolean;
  agentId?: string | null;
}

export interface ListConversationsOptions extends RequestOptions {
  /** Only these; all but archived ones when left out. */
  status?: ConversationStatus;
  /** How many are fetched at once, 1 to 100; 20 when left out. */
  limit?: number;
}

export interface ListMessagesOptions extends RequestOptions {
  /** How many are fetched at once, 1 to 100; 50 when left out. */
  limit?: number;
}

export interface Contacts {
  /** The contact with the address, who is created if there is none. */
  create(
    input: { email: string; name?: string | null; phone?: string | null },
    options?: WriteOptions,
  ): Promise<Contact>;
  /** @throws NotFoundError */
  get(id: string, options?: RequestOptions): Promise<ContactDetails>;
}

export interface Conversations {
  /** Starts a conversation and sends its first message as an e-mail. */
  create(input: StartConversationInput, options?: WriteOptions): Promise<StartedConversation>;
  /** @throws NotFoundError */
  get(id: string, options?: RequestOptions): Promise<Conversation>;
  /** The latest message first; the next page is fetched when it is come to. */
  list(options?: ListConversationsOptions): AsyncIterable<Conversation, void>;
  /** @throws NotFoundError */
  setStatus(id: string, status: ConversationStatus, options?: WriteOptions): Promise<void>;
  /** Gives it to an agent; null to nobody. @throws NotFoundError */
  assign(id: string, agentId: string | null, options?: WriteOptions): Promise<void>;
}

export interface Messages {
  /** Answers the contact, or adds a note. @throws NotFoundError */
  create(conversationId: string, input: CreateMessageInput, options?: WriteOptions): Promise<SentMessage>;
  /** The oldest first; the next page is fetched when it is come to. @throws NotFoundError */
  list(conversationId: string, options?: ListMessagesOptions): AsyncIterable<Message, void>;
}

export interface Inbox {
  contacts: Contacts;
  conversations: Conversations;
  messages: Messages;
}

/** @throws TypeError when it is used without a workspace. */
export function inboxOf(send: Transport, workspaceId: string | undefined): Inbox {
  const root = (): string => {
    if (workspaceId === undefined) throw new TypeError('init needs a workspaceId to use the inbox.');
    return `${one('/v1/workspaces', workspaceId, 'workspaceId')}/support/inbox`;
  };
  const conversation = (id: string): string => one(`${root()}/conversations`, id, 'id');

  return {
    contacts: {
      async create(input, options) {
        const answer = await send({ ...options, method: 'POST', path: `${root()}/contacts`, body: input });
        return (answer as { contact: Contact }).contact;
      },
      async get(id, options) {
        const answer = await send({ ...options, method: 'GET', path: one(`${root()}/contacts`, id, 'id') });
        return (answer as { contact: ContactDetails }).contact;
      },
    },
    conversations: {
      create: async (input, options) =>
        (await send({
          ...options,
          method: 'POST',
          path: `${root()}/conversations`,
          body: input,
        })) as StartedConversation,
      async get(id, options) {
        const answer = await send({ ...options, method: 'GET', path: conversation(id) });
        return (answer as { conversation: Conversation }).conversation;
      },
      list: ({ status, limit, ...options } = {}) =>
        pagesOf(
          send,
          { ...options, path: `${root()}/conversations` },
          { status, limit },
          (answer) => (answer as { conversations: Paged<Conversation> }).conversations,
        ),
      async setStatus(id, status, options) {
        await send({ ...options, method: 'PUT', path: `${conversation(id)}/status`, body: { status } });
      },
      async assign(id, agentId, options) {
        await send({ ...options, method: 'PUT', path: `${conversation(id)}/assign`, body: { agentId } });
      },
    },
    messages: {
      async create(conversationId, input, options) {
        const path = `${conversation(conversationId)}/messages`;
        const answer = await send({ ...options, method: 'POST', path, body: input });
        return (answer as { message: SentMessage }).message;
      },
      list: (conversationId, { limit, ...options } = {}) =>
        pagesOf(
          send,
          { ...options, path: `${conversation(conversationId)}/messages` },
          { limit },
          (answer) => (answer as { thread: { messages: Paged<Message> } }).thread.messages,
        ),
    },
  };
}
