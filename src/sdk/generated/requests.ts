import type { WebhookEvent } from './things.js';

/** The requests of TidySupport's API, as the OpenAPI document describes them. Written by `npm run schema`. */

export interface CreateCustomerBody {
  /** Your own id for this customer, unique in the workspace. */
  externalId: string;
  email?: string | null;
  name?: string | null;
  /** ACTIVE for a new customer when left out. */
  status?: 'ACTIVE' | 'SUSPENDED';
  /** Merged at the top level; null removes a key. */
  metadata?: Record<string, unknown>;
}

export interface ListCustomersQuery {
  /** Only these; all when left out. */
  status?: 'ACTIVE' | 'SUSPENDED';
  /** How many entries at most. 20 when left out. */
  limit?: number;
  /** Where to go on: the cursor of the page before. */
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
  /** ACTIVE for a new customer when left out. */
  status?: 'ACTIVE' | 'SUSPENDED';
  /** Merged at the top level; null removes a key. */
  metadata?: Record<string, unknown>;
}

export interface ListInboxCustomersQuery {
  /** How many entries at most. 20 when left out. */
  limit?: number;
  /** Where to go on: the cursor of the page before. */
  cursor?: string;
}

export interface CreateContactBody {
  email: string;
  name?: string | null;
  phone?: string | null;
}

export interface SearchInboxQuery {
  /** The words to look for; each may be the beginning of a longer one. */
  q: string;
  /** How many results of each type at most. 10 when left out. */
  limit?: number;
}

export interface ListConversationsQuery {
  /** Only these; archived ones are left out unless asked for. */
  status?: 'OPEN' | 'CLOSED' | 'ARCHIVED';
  /** How many entries at most. 20 when left out. */
  limit?: number;
  /** Where to go on: the cursor of the page before. */
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
  /** How many entries at most. 20 when left out. */
  limit?: number;
  /** Where to go on: the cursor of the page before. */
  cursor?: string;
}

export interface ListMessagesQuery {
  /** How many messages at most. 50 when left out. */
  limit?: number;
  /** Where to go on: the cursor of the page before. */
  cursor?: string;
}

export interface CreateMessageBody {
  contentText: string;
  /** The same as HTML. */
  contentHtml?: string | null;
  /** Whether it is a note; a reply when left out. */
  isInternal?: boolean;
  /** The agent who wrote it; that of the key when left out. */
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
  /** When the period begins; 30 days before its end when left out. */
  from?: string;
  /** When the period ends; now when left out. */
  to?: string;
}

export interface GetAnalyticsTimeseriesQuery {
  /** When the period begins; 30 days before its end when left out. */
  from?: string;
  /** When the period ends; now when left out. */
  to?: string;
}

export interface GetTopCountriesQuery {
  /** When the period begins; 30 days before its end when left out. */
  from?: string;
  /** When the period ends; now when left out. */
  to?: string;
}
