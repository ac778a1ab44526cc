import { one } from './paths.js';
import type { RequestOptions, Transport, WriteOptions } from './transport.js';

/** The webhooks of TidySupport. */

export type WebhookEvent =
  | 'CONVERSATION_CREATED'
  | 'CONVERSATION_UPDATED'
  | 'CONVERSATION_ASSIGNED'
  | 'CONVERSATION_CLOSED'
  | 'CONVERSATION_REOPENED'
  | 'MESSAGE_CREATED'
  | 'MESSAGE_UPDATED'
  | 'CONTACT_CREATED'
  | 'TESTING_CONNECTION';

export interface Webhook {
  /** Begins with "wh_". */
  id: string;
  url: string;
  displayName: string;
  status: 'ACTIVE' | 'PAUSED';
  events: WebhookEvent[];
  /** ISO 8601. */
  createdAt: string;
  updatedAt: string;
  lastAttemptedAt: string | null;
  lastErrorAt: string | null;
  lastErrorMessage: string | null;
}

/** A webhook with what its requests are signed with; null when the request was repeated. */
export interface CreatedWebhook extends Webhook {
  secret: string | null;
}

export interface CreateWebhookInput {
  url: string;
  events: WebhookEvent[];
  displayName?: string | null;
  status?: 'ACTIVE' | 'PAUSED';
}

export interface Webhooks {
  create(input: CreateWebhookInput, options?: WriteOptions): Promise<CreatedWebhook>;
  list(options?: RequestOptions): Promise<Webhook[]>;
  /** Changes the given fields. @throws NotFoundError */
  update(id: string, input: Partial<CreateWebhookInput>, options?: WriteOptions): Promise<Webhook>;
  /** @throws NotFoundError */
  delete(id: string, options?: WriteOptions): Promise<void>;
}

const root = '/v1/webhooks';

export function webhooksOf(send: Transport): Webhooks {
  return {
    async create(input, options) {
      const answer = await send({ ...options, method: 'POST', path: root, body: input });
      return (answer as { webhook: CreatedWebhook }).webhook;
    },
    async list(options) {
      const answer = await send({ ...options, method: 'GET', path: root });
      return (answer as { webhooks: { items: Webhook[] } }).webhooks.items;
    },
    async update(id, input, options) {
      const answer = await send({ ...options, method: 'PUT', path: one(root, id, 'id'), body: input });
      return (answer as { webhook: Webhook }).webhook;
    },
    async delete(id, options) {
      await send({ ...options, method: 'DELETE', path: one(root, id, 'id') });
    },
  };
}
