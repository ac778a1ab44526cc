import type { WebhookEvent } from './things.js';

/** The requests of TidySupport's API, as the OpenAPI document describes them. Written by `npm run schema`. */

export interface CreateCustomerBody {
  /** Your own id for this customer, unique in the workspace. */
  externalId: string;
  email?: string | null;
  name?: string | null;
  /** ACTIVE for a new customer if omitted. */
  status?: 'ACTIVE' | 'SUSPENDED';
  /** Merged at the top level; null removes a key. */
  metadata?: Record<string, unknown>;
}

export interface ListCustomersQuery {
  /** Only customers with this status; all if omitted. */
  status?: 'ACTIVE' | 'SUSPENDED';
  /** The maximum number of entries on a page. 20 when left out. */
  limit?: number;
  /** The cursor from the previous page. */
  cursor?: string;
}

export interface LookupCustomerQuery {
  /** Your own id for the customer. */
  externalId: string;
}

export interface UpdateCustomerBody {
  /** Your own id for this customer, unique in the workspace. */
  externalId?: string;
  email?: string | null;
  name?: string | null;
  /** ACTIVE for a new customer if omitted. */
  status?: 'ACTIVE' | 'SUSPENDED';
  /** Merged at the top level; null removes a key. */
  metadata?: Record<string, unknown>;
}

export interface ListInboxCustomersQuery {
  /** The maximum number of entries on a page. 20 when left out. */
  limit?: number;
  /** The cursor from the previous page. */
  cursor?: string;
}

export interface CreateContactBody {
  email: string;
  name?: string | null;
  phone?: string | null;
}

export interface SearchInboxQuery {
  /** The words to search; each may be the beginning of a longer word. */
  q: string;
  /** The maximum number of results of each type. 10 when left out. */
  limit?: number;
}

export interface ListConversationsQuery {
  /** Only conversations with this status; if omitted, all except archived ones. */
  status?: 'OPEN' | 'CLOSED' | 'ARCHIVED';
  /** The maximum number of entries on a page. 20 when left out. */
  limit?: number;
  /** The cursor from the previous page. */
  cursor?: string;
}

export interface CreateConversationBody {
  email: string;
  name?: string | null;
  subject?: string | null;
  contentText: string;
}

export interface SetConversationStatusBody {
  status: 'OPEN' | 'CLOSED' | 'ARCHIVED';
}

export interface AssignConversationBody {
  /** The agent; null to unassign. */
  agentId: string | null;
}

export interface ListContactConversationsQuery {
  /** The maximum number of entries on a page. 20 when left out. */
  limit?: number;
  /** The cursor from the previous page. */
  cursor?: string;
}

export interface ListMessagesQuery {
  /** The maximum number of messages on a page. 50 when left out. */
  limit?: number;
  /** The cursor from the previous page. */
  cursor?: string;
}

export interface CreateMessageBody {
  contentText: string;
  /** The text as HTML. */
  contentHtml?: string | null;
  /** Whether it is an internal note; false if omitted. */
  isInternal?: boolean;
  /** The agent who wrote it; the agent of the key if omitted. */
  agentId?: string | null;
}

export interface CreateWebhookBody {
  url: string;
  displayName?: string | null;
  events: WebhookEvent[];
  status?: 'ACTIVE' | 'PAUSED';
}

export interface UpdateWebhookBody {
  url?: string;
  displayName?: string | null;
  events?: WebhookEvent[];
  status?: 'ACTIVE' | 'PAUSED';
}

export interface GetAnalyticsOverviewQuery {
  /** When the period begins; 30 days before its end if omitted. */
  from?: string;
  /** When the period ends; now if omitted. */
  to?: string;
}

export interface GetAnalyticsTimeseriesQuery {
  /** When the period begins; 30 days before its end if omitted. */
  from?: string;
  /** When the period ends; now if omitted. */
  to?: string;
}

export interface GetTopCountriesQuery {
  /** When the period begins; 30 days before its end if omitted. */
  from?: string;
  /** When the period ends; now if omitted. */
  to?: string;
}
