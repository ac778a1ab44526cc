import { createHash } from 'node:crypto';
import type { Transaction } from '../../../db/database.js';
import { newId } from '../../../db/ids.js';
import type { WebhookEndpoint } from '../../../generated/prisma/client.js';

/**
 * An endpoint and its new secret, which is returned only once. It is null when an earlier run of an idempotent request
 * created it.
 */
export interface EndpointWithSecret {
  endpoint: WebhookEndpoint;
  secret: string | null;
}

/** What a transaction returns instead of the secret, because its result may be stored for repetitions. */
export interface Written {
  endpoint: WebhookEndpoint;
  secretHash: string;
}

export const hashOf = (secret: string): string => createHash('sha256').update(secret).digest('hex');

export const shownWith = ({ endpoint, secretHash }: Written, secret: string): EndpointWithSecret => ({
  endpoint,
  secret: hashOf(secret) === secretHash ? secret : null,
});

export async function insertSecret(
  tx: Transaction,
  { workspaceId, id }: WebhookEndpoint,
  secret: string,
): Promise<void> {
  await tx.webhookSecret.create({ data: { workspaceId, id: newId('WebhookSecret'), endpointId: id, secret } });
}
