import { type Customers, customersOf } from './customers.js';
import { type Contacts, type Conversations, inboxOf, type Messages } from './inbox.js';
import { createTransport, type InitOptions } from './transport.js';
import { type Webhooks, webhooksOf } from './webhooks.js';

export type {
  CreateCustomerInput,
  Customer,
  CustomerStatus,
  Customers,
  ListCustomersOptions,
  Metadata,
  UpdateCustomerInput,
} from './customers.js';
export {
  ApiError,
  AuthenticationError,
  ConflictError,
  ConnectionError,
  InvalidRequestError,
  NotFoundError,
  PermissionError,
  RateLimitError,
  ServerError,
  TidySupportError,
} from './errors.js';
export type {
  Attachment,
  Contact,
  ContactDetails,
  Contacts,
  Conversation,
  ConversationSource,
  ConversationStatus,
  Conversations,
  CreateMessageInput,
  ListConversationsOptions,
  ListMessagesOptions,
  Message,
  Messages,
  Person,
  SentMessage,
  StartConversationInput,
  StartedConversation,
} from './inbox.js';
export type { InitOptions, RequestOptions, WriteOptions } from './transport.js';
export type { CreatedWebhook, CreateWebhookInput, Webhook, WebhookEvent, Webhooks } from './webhooks.js';

/** TidySupport's API of one workspace; `customers` is after the Node.js SDK of its Customers document. */
export interface TidySupport {
  readonly customers: Customers;
  readonly contacts: Contacts;
  readonly conversations: Conversations;
  readonly messages: Messages;
  readonly webhooks: Webhooks;
}

/**
 * Opens the workspace of a secret API key. Requests that fail on the network, or with 429 or 503, are sent again under
 * one idempotency key, so that they are done once.
 * @throws TypeError when the key or an option cannot be used
 */
export function init(key: string, options?: InitOptions): TidySupport {
  const send = createTransport(key, options);
  return { customers: customersOf(send), ...inboxOf(send, options?.workspaceId), webhooks: webhooksOf(send) };
}
