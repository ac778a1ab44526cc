/** The things of TidySupport's API, as the OpenAPI document describes them. Written by `npm run schema`. */

export interface Customer {
  /** Begins with "ctc_". */
  id: string;
  /** Begins with "wrk_". */
  workspaceId: string;
  /** Your own id for this customer. */
  externalId: string;
  email: string | null;
  name: string | null;
  status: 'ACTIVE' | 'SUSPENDED';
  metadata: Record<string, unknown>;
  createdAt: string;
  /** Null before the first change. */
  updatedAt: string | null;
}

export interface ErrorBody {
  statusCode: number;
  error: string;
  message: string;
}

export interface InboxCustomer {
  contact: {
    /** Begins with "ctc_". */
    id: string;
    /** Empty when there is none. */
    email: string;
    /** Empty when it is not known. */
    name: string;
    avatarUrl: string | null;
    lastMessageAt: string | null;
    lastMessagePreview: string | null;
  };
  latestThread: {
    id: string;
    status: 'OPEN' | 'CLOSED' | 'ARCHIVED';
    source: 'EMAIL' | 'CHAT' | 'FORM' | 'API';
    lastMessageAt: string;
    lastMessagePreview: string;
    unreadCount: number;
  } | null;
  threadCount: number;
}

export interface Contact {
  /** Begins with "ctc_". */
  id: string;
  /** Empty when there is none. */
  email: string;
  /** Empty when it is not known. */
  name: string;
  phone: string | null;
  status: 'ACTIVE' | 'ARCHIVED';
  source: 'EMAIL' | 'CHAT' | 'API' | 'FORM' | 'IMPORT';
  createdAt: string;
  avatarUrl: string | null;
  lastMessageAt: string | null;
  lastMessagePreview: string | null;
}

export interface CreatedContact {
  /** Begins with "ctc_". */
  id: string;
  /** Empty when there is none. */
  email: string;
  /** Empty when it is not known. */
  name: string;
  phone: string | null;
  status: 'ACTIVE' | 'ARCHIVED';
  source: 'EMAIL' | 'CHAT' | 'API' | 'FORM' | 'IMPORT';
  createdAt: string;
}

export interface Conversation {
  /** Begins with "thd_". */
  id: string;
  status: 'OPEN' | 'CLOSED' | 'ARCHIVED';
  source: 'EMAIL' | 'CHAT' | 'FORM' | 'API';
  subject: string | null;
  lastMessageAt: string;
  lastMessagePreview: string;
  assignedToId: string | null;
  isUnread: boolean;
  channelId: string | null;
  contact: {
    /** Begins with "ctc_". */
    id: string;
    /** Empty when there is none. */
    email: string;
    /** Empty when it is not known. */
    name: string;
    avatarUrl: string | null;
  };
}

export interface SentMessage {
  id: string;
  contentPreview: string;
  /** SENT even while the e-mail waits for the mail server. */
  status: 'SENT';
}

export interface Thread {
  /** Begins with "thd_". */
  id: string;
  status: 'OPEN' | 'CLOSED' | 'ARCHIVED';
  source: 'EMAIL' | 'CHAT' | 'FORM' | 'API';
  subject: string | null;
  lastMessageAt: string;
  lastMessagePreview: string;
  assignedToId: string | null;
}

export interface Message {
  /** Begins with "msg_". */
  id: string;
  direction: 'INBOUND' | 'OUTBOUND' | 'SYSTEM';
  senderType: 'CUSTOMER' | 'AGENT' | 'SYSTEM';
  /** Whether it is an internal note, which only the team sees. */
  isInternal: boolean;
  contentText: string;
  /** Sanitised HTML; null when there is none. */
  contentHtml: string | null;
  contentPreview: string;
  /** SENT also for inbound messages, and while an e-mail waits for the mail server. */
  status: 'SENT' | 'FAILED';
  attachments: Attachment[];
  agentId: string | null;
  createdAt: string;
  sentAt: string;
}

export interface Attachment {
  id: string;
  fileName: string;
  contentType: string | null;
  sizeBytes: number | null;
  url: string | null;
}

export interface Webhook {
  /** Begins with "wh_". */
  id: string;
  url: string;
  /** The host of the URL, unless another name was given. */
  displayName: string;
  status: 'ACTIVE' | 'PAUSED';
  events: WebhookEvent[];
  createdAt: string;
  updatedAt: string;
  /** The time of the latest attempt of the latest delivery. */
  lastAttemptedAt: string | null;
  lastErrorAt: string | null;
  lastErrorMessage: string | null;
}

export type WebhookEvent = 'CONVERSATION_CREATED' | 'CONVERSATION_UPDATED' | 'CONVERSATION_ASSIGNED' | 'CONVERSATION_CLOSED' | 'CONVERSATION_REOPENED' | 'MESSAGE_CREATED' | 'MESSAGE_UPDATED' | 'CONTACT_CREATED' | 'TESTING_CONNECTION';

export interface CreatedWebhook {
  /** Begins with "wh_". */
  id: string;
  url: string;
  /** The host of the URL, unless another name was given. */
  displayName: string;
  status: 'ACTIVE' | 'PAUSED';
  events: WebhookEvent[];
  createdAt: string;
  updatedAt: string;
  /** The time of the latest attempt of the latest delivery. */
  lastAttemptedAt: string | null;
  lastErrorAt: string | null;
  lastErrorMessage: string | null;
  /** Null when the request was repeated. */
  secret: string | null;
}
