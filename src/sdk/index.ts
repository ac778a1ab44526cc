import { type Analytics, analyticsOf } from './analytics.js';
import { type Customers, customersOf } from './customers.js';
import { type Inbox, inboxOf } from './inbox.js';
import { createTransport, type InitOptions } from './transport.js';
import { type Webhooks, webhooksOf } from './webhooks.js';

export type { Analytics } from './analytics.js';
export type {
  CreateCustomerInput,
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
  Conversation,
  CreatedContact,
  CreatedWebhook,
  Customer,
  InboxCustomer,
  Message,
  SentMessage,
  Thread,
  Webhook,
  WebhookEvent,
} from './generated/things.js';
export type {
  Contacts,
  ConversationSource,
  ConversationStatus,
  Conversations,
  CreateContactInput,
  CreateMessageInput,
  ListConversationsOptions,
  ListMessagesOptions,
  ListOptions,
  Messages,
  SearchOptions,
  SearchResults,
  StartConversationInput,
  StartedConversation,
} from './inbox.js';
export type { InitOptions, RequestOptions, WriteOptions } from './transport.js';
export type { CreateWebhookInput, UpdateWebhookInput, Webhooks } from './webhooks.js';

/** The TidySupport API for one workspace. `customers` follows the Node.js SDK in the document of the Customers API. */
export interface TidySupport extends Readonly<Inbox> {
  readonly customers: Customers;
  readonly webhooks: Webhooks;
  readonly analytics: Analytics;
}

/**
 * Creates a client for the workspace of a secret API key. Requests that fail on the network, or with 429 or 503, are
 * retried with the same idempotency key, so that they are executed once.
 * @throws TypeError for an invalid key or option
 */
export function init(key: string, options?: InitOptions): TidySupport {
  const send = createTransport(key, options);
  return {
    customers: customersOf(send),
    ...inboxOf(send, options?.workspaceId),
    webhooks: webhooksOf(send),
    analytics: analyticsOf(send),
  };
}
