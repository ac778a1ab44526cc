import type { Customer, InboxCustomer, Contact, CreatedContact, Conversation, SentMessage, Thread, Message, Webhook, CreatedWebhook } from './things.js';

/** The answers of TidySupport's API, as the OpenAPI document describes them. Written by `npm run schema`. */

export type CreateCustomerAnswer = Customer;

export interface ListCustomersAnswer {
  items: Customer[];
  /** The cursor of the next page; null on the last page. */
  cursor: string | null;
  hasMore: boolean;
}

export type LookupCustomerAnswer = Customer;

export type GetCustomerAnswer = Customer;

export type UpdateCustomerAnswer = Customer;

export interface ListInboxCustomersAnswer {
  customers: {
    items: InboxCustomer[];
    /** The cursor of the next page; null on the last page. */
    cursor: string | null;
    hasMore: boolean;
  };
}

export interface GetContactAnswer {
  contact: Contact;
}

export interface CreateContactAnswer {
  contact: CreatedContact;
}

export interface SearchInboxAnswer {
  results: {
    contacts: {
      /** Begins with "ctc_". */
      id: string;
      /** Empty when there is none. */
      email: string;
      /** Empty when it is not known. */
      name: string;
    }[];
    conversations: {
      id: string;
      subject: string | null;
      lastMessagePreview: string;
    }[];
    messages: {
      id: string;
      conversationId: string;
      contentPreview: string;
    }[];
  };
}

export interface ListConversationsAnswer {
  conversations: {
    items: Conversation[];
    /** The cursor of the next page; null on the last page. */
    cursor: string | null;
    hasMore: boolean;
  };
}

export interface CreateConversationAnswer {
  conversation: {
    id: string;
  };
  contact: {
    id: string;
  };
  message: SentMessage;
}

export interface GetConversationAnswer {
  conversation: Conversation;
}

export interface SetConversationStatusAnswer {
  conversation: {
    id: string;
    status: 'OPEN' | 'CLOSED' | 'ARCHIVED';
  };
}

export interface AssignConversationAnswer {
  conversation: {
    id: string;
    assignedToAgentId: string | null;
  };
}

export interface ListContactConversationsAnswer {
  conversations: {
    items: Thread[];
    /** The cursor of the next page; null on the last page. */
    cursor: string | null;
    hasMore: boolean;
  };
}

export interface ListMessagesAnswer {
  thread: {
    conversation: {
      id: string;
      status: 'OPEN' | 'CLOSED' | 'ARCHIVED';
      source: 'EMAIL' | 'CHAT' | 'FORM' | 'API';
      subject: string | null;
      /** Always null: conversations are not summarised. */
      summary: null;
    };
    contact: {
      /** Begins with "ctc_". */
      id: string;
      /** Empty when there is none. */
      email: string;
      /** Empty when it is not known. */
      name: string;
    };
    channel: {
      id: string;
      name: string;
      email: string | null;
    } | null;
    messages: {
      items: Message[];
      /** The cursor of the next page; null on the last page. */
      cursor: string | null;
      hasMore: boolean;
    };
  };
}

export interface CreateMessageAnswer {
  message: SentMessage;
}

export interface ListWebhooksAnswer {
  webhooks: {
    items: Webhook[];
  };
}

export interface CreateWebhookAnswer {
  webhook: CreatedWebhook;
}

export interface UpdateWebhookAnswer {
  webhook: Webhook;
}

export interface GetAnalyticsOverviewAnswer {
  /** How many conversations began. */
  totalEvents: number;
  /** How many customers were created. */
  totalCustomers: number;
  /** Always 0; TidySupport reserves this field. */
  totalRevenue: 0;
  periodStart: string;
  periodEnd: string;
}

export type GetAnalyticsTimeseriesAnswer = {
  date: string;
  count: number;
}[];

export type GetTopCountriesAnswer = {
  /** The English name. */
  country: string;
  count: number;
}[];
