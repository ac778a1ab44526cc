import type {
  CreateContactAnswer,
  CreateConversationAnswer,
  CreateMessageAnswer,
  GetContactAnswer,
  GetConversationAnswer,
  ListContactConversationsAnswer,
  ListConversationsAnswer,
  ListInboxCustomersAnswer,
  ListMessagesAnswer,
  SearchInboxAnswer,
} from './generated/answers.js';
import type {
  AssignConversationBody,
  CreateContactBody,
  CreateConversationBody,
  CreateMessageBody,
  ListConversationsQuery,
  ListInboxCustomersQuery,
  ListMessagesQuery,
  SearchInboxQuery,
  SetConversationStatusBody,
} from './generated/requests.js';
import type {
  Contact,
  Conversation,
  CreatedContact,
  InboxCustomer,
  Message,
  SentMessage,
  Thread,
} from './generated/things.js';
import { one, pagesOf, withQuery } from './paths.js';
import type { RequestOptions, Transport, WriteOptions } from './transport.js';

/** The inbox of TidySupport: contacts, conversations and messages. */

export type ConversationStatus = Conversation['status'];
export type ConversationSource = Conversation['source'];
export type CreateContactInput = CreateContactBody;
export type StartConversationInput = CreateConversationBody;
export type StartedConversation = CreateConversationAnswer;
export type CreateMessageInput = CreateMessageBody;
export type SearchResults = SearchInboxAnswer['results'];

/** `limit` is the page size. */
export interface ListOptions extends RequestOptions, Omit<ListInboxCustomersQuery, 'cursor'> {}

/** `limit` is the page size. */
export interface ListConversationsOptions extends RequestOptions, Omit<ListConversationsQuery, 'cursor'> {}

/** `limit` is the page size. */
export interface ListMessagesOptions extends RequestOptions, Omit<ListMessagesQuery, 'cursor'> {}

export interface SearchOptions extends RequestOptions, Omit<SearchInboxQuery, 'q'> {}

export interface Contacts {
  /** Returns the contact with the e-mail address. Creates it if it does not exist. */
  create(input: CreateContactInput, options?: WriteOptions): Promise<CreatedContact>;
  /** @throws NotFoundError */
  get(id: string, options?: RequestOptions): Promise<Contact>;
  /** Contacts with their latest conversations, the latest message first. Pages are fetched during iteration. */
  list(options?: ListOptions): AsyncIterable<InboxCustomer, void>;
  /** All conversations of a contact, the latest message first. @throws NotFoundError */
  conversations(id: string, options?: ListOptions): AsyncIterable<Thread, void>;
}

export interface Conversations {
  /** Starts a conversation and sends its first message as an e-mail. */
  create(input: StartConversationInput, options?: WriteOptions): Promise<StartedConversation>;
  /** @throws NotFoundError */
  get(id: string, options?: RequestOptions): Promise<Conversation>;
  /** Conversations, the latest message first. Pages are fetched during iteration. */
  list(options?: ListConversationsOptions): AsyncIterable<Conversation, void>;
  /** @throws NotFoundError */
  setStatus(id: string, status: SetConversationStatusBody['status'], options?: WriteOptions): Promise<void>;
  /** Assigns the conversation to an agent; null unassigns it. @throws NotFoundError */
  assign(id: string, agentId: AssignConversationBody['agentId'], options?: WriteOptions): Promise<void>;
}

export interface Messages {
  /** Sends a message to the contact, or adds an internal note. @throws NotFoundError */
  create(conversationId: string, input: CreateMessageInput, options?: WriteOptions): Promise<SentMessage>;
  /** Messages, the oldest first. Pages are fetched during iteration. @throws NotFoundError */
  list(conversationId: string, options?: ListMessagesOptions): AsyncIterable<Message, void>;
}

export interface Inbox {
  contacts: Contacts;
  conversations: Conversations;
  messages: Messages;
  /** Finds contacts, conversations and messages with these words, the best matches first. */
  search(words: string, options?: SearchOptions): Promise<SearchResults>;
}

/** @throws TypeError if it is used without a workspace. */
export function inboxOf(send: Transport, workspaceId: string | undefined): Inbox {
  const root = (): string => {
    if (workspaceId === undefined) throw new TypeError('init needs a workspaceId to use the inbox.');
    return `${one('/v1/workspaces', workspaceId, 'workspaceId')}/support/inbox`;
  };
  const conversation = (id: string): string => one(`${root()}/conversations`, id, 'id');

  return {
    contacts: {
      async create(input, options) {
        const path = `${root()}/contacts`;
        return (await send<CreateContactAnswer>({ ...options, method: 'POST', path, body: input })).contact;
      },
      async get(id, options) {
        const path = one(`${root()}/contacts`, id, 'id');
        return (await send<GetContactAnswer>({ ...options, method: 'GET', path })).contact;
      },
      list: ({ limit, ...options } = {}) =>
        pagesOf(
          send,
          { ...options, path: `${root()}/customers` },
          { limit },
          ({ customers }: ListInboxCustomersAnswer) => customers,
        ),
      conversations: (id, { limit, ...options } = {}) =>
        pagesOf(
          send,
          { ...options, path: `${one(`${root()}/customers`, id, 'id')}/conversations` },
          { limit },
          ({ conversations }: ListContactConversationsAnswer) => conversations,
        ),
    },
    conversations: {
      create: async (input, options) =>
        send<CreateConversationAnswer>({ ...options, method: 'POST', path: `${root()}/conversations`, body: input }),
      get: async (id, options) =>
        (await send<GetConversationAnswer>({ ...options, method: 'GET', path: conversation(id) })).conversation,
      list: ({ status, limit, ...options } = {}) =>
        pagesOf(
          send,
          { ...options, path: `${root()}/conversations` },
          { status, limit },
          ({ conversations }: ListConversationsAnswer) => conversations,
        ),
      async setStatus(id, status, options) {
        const body: SetConversationStatusBody = { status };
        await send({ ...options, method: 'PUT', path: `${conversation(id)}/status`, body });
      },
      async assign(id, agentId, options) {
        const body: AssignConversationBody = { agentId };
        await send({ ...options, method: 'PUT', path: `${conversation(id)}/assign`, body });
      },
    },
    messages: {
      async create(conversationId, input, options) {
        const path = `${conversation(conversationId)}/messages`;
        return (await send<CreateMessageAnswer>({ ...options, method: 'POST', path, body: input })).message;
      },
      list: (conversationId, { limit, ...options } = {}) =>
        pagesOf(
          send,
          { ...options, path: `${conversation(conversationId)}/messages` },
          { limit },
          ({ thread }: ListMessagesAnswer) => thread.messages,
        ),
    },
    async search(words, { limit, ...options } = {}) {
      const path = withQuery(`${root()}/search`, { q: words, limit });
      return (await send<SearchInboxAnswer>({ ...options, method: 'GET', path })).results;
    },
  };
}
