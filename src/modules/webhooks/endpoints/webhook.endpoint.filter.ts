import type { z } from 'zod';
import type { Caller } from '../../../auth/caller.js';
import type { Transaction } from '../../../db/database.js';
import { readId } from '../../../db/global-id.js';
import { notFound } from '../../../errors.js';
import type { WebhookEndpoint } from '../../../generated/prisma/client.js';
import { isUuid, readIdOrUuid } from '../../customer/lookup/customer.lookup.js';
import type { newEndpointInput } from './webhook.endpoint.input.js';

/** The columns of a filter; all are null without one. @throws BAD_USER_INPUT for an invalid id. */
export async function filterColumns(
  tx: Transaction,
  { workspaceId }: Caller,
  filter: z.output<typeof newEndpointInput>['filter'],
): Promise<FilterColumns> {
  const { customerId, conversationId, channelId } = filter ?? {};
  const customer = customerId == null ? null : readIdOrUuid(customerId, ['filter', 'customerId']);
  const named =
    customer !== null && isUuid(customer)
      ? await tx.customer.findUnique({ where: { workspaceId_uuid: { workspaceId, uuid: customer } } })
      : null;
  return {
    customerId: named?.id ?? customer,
    conversationId:
      conversationId == null ? null : readId('Conversation', conversationId, ['filter', 'conversationId']),
    channelId: channelId == null ? null : readId('Channel', channelId, ['filter', 'channelId']),
  };
}

type FilterColumns = Pick<WebhookEndpoint, 'customerId' | 'conversationId' | 'channelId'>;

/** @throws NOT_FOUND for an object of the filter that does not exist in the workspace. */
export async function requireSubjects(
  tx: Transaction,
  { workspaceId }: Caller,
  filter: Partial<FilterColumns>,
): Promise<void> {
  const { customerId, conversationId, channelId } = filter;
  const found = async (what: string, name: keyof FilterColumns, count: Promise<number>): Promise<void> => {
    if ((await count) === 0) throw notFound(what, ['filter', name]);
  };
  if (customerId) {
    const where = { workspaceId, id: customerId, deletedAt: null };
    await found('Customer', 'customerId', tx.customer.count({ where }));
  }
  if (conversationId) {
    const where = { workspaceId, id: conversationId };
    await found('Conversation', 'conversationId', tx.conversation.count({ where }));
  }
  if (channelId) await found('Channel', 'channelId', tx.channel.count({ where: { workspaceId, id: channelId } }));
}
