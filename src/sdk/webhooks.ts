import type { CreateWebhookAnswer, ListWebhooksAnswer, UpdateWebhookAnswer } from './generated/answers.js';
import type { CreateWebhookBody, UpdateWebhookBody } from './generated/requests.js';
import type { CreatedWebhook, Webhook } from './generated/things.js';
import { one } from './paths.js';
import type { RequestOptions, Transport, WriteOptions } from './transport.js';

/** The webhooks of TidySupport. */

export type CreateWebhookInput = CreateWebhookBody;

/** The fields to change. Fields that are left out stay unchanged. */
export type UpdateWebhookInput = UpdateWebhookBody;

export interface Webhooks {
  create(input: CreateWebhookInput, options?: WriteOptions): Promise<CreatedWebhook>;
  list(options?: RequestOptions): Promise<Webhook[]>;
  /** Changes the given fields. @throws NotFoundError */
  update(id: string, input: UpdateWebhookInput, options?: WriteOptions): Promise<Webhook>;
  /** @throws NotFoundError */
  delete(id: string, options?: WriteOptions): Promise<void>;
}

const root = '/v1/webhooks';

export function webhooksOf(send: Transport): Webhooks {
  return {
    create: async (input, options) =>
      (await send<CreateWebhookAnswer>({ ...options, method: 'POST', path: root, body: input })).webhook,
    list: async (options) => (await send<ListWebhooksAnswer>({ ...options, method: 'GET', path: root })).webhooks.items,
    async update(id, input, options) {
      const path = one(root, id, 'id');
      return (await send<UpdateWebhookAnswer>({ ...options, method: 'PUT', path, body: input })).webhook;
    },
    async delete(id, options) {
      await send<undefined>({ ...options, method: 'DELETE', path: one(root, id, 'id') });
    },
  };
}
