import type { Caller } from '../../../auth/caller.js';
import { sql, type Transaction } from '../../../db/database.js';
import { lockRow } from '../../../db/reading/rows.js';
import type { WebhookEndpoint } from '../../../generated/prisma/client.js';
import { nextVersion } from '../../../lib/values/version.js';

/** The changed fields for the audit log. Of a URL, which may contain a secret, only the origin is logged. */
export function recorded({
  failingSince,
  failureCount,
  pausedUntil,
  lastFailureAt,
  lastFailure,
  ...fields
}: Partial<WebhookEndpoint>) {
  const { url, disabledAt, afterSeq: _afterSeq, createdAt: _createdAt, updatedAt: _updatedAt, ...plain } = fields;
  return {
    ...plain,
    ...(url !== undefined && { url: originOf(url) }),
    ...(disabledAt !== undefined && { disabledAt: disabledAt?.toISOString() ?? null }),
  };
}

export const originOf = (url: string): string => new URL(url).origin;

/**
 * Makes the dispatcher follow the outbox of the workspace. Returns the seq after which a newly enabled endpoint
 * receives events. If no other endpoint is enabled, earlier events are skipped. The cursor stays locked until the
 * transaction ends, so concurrent calls run one after the other.
 */
export async function startFollowing(tx: Transaction, workspaceId: string): Promise<bigint> {
  await tx.webhookCursor.createMany({ data: [{ workspaceId, seq: 0n }], skipDuplicates: true });
  await tx.$executeRaw(sql`SELECT FROM "WebhookCursor" WHERE "workspaceId" = ${workspaceId} FOR UPDATE`);
  const [last] = await tx.$queryRaw<{ seq: bigint }[]>(sql`
    SELECT CASE WHEN is_called THEN last_value ELSE 0 END AS "seq" FROM "DomainEvent_seq_seq"`);
  const seq = last?.seq ?? 0n;
  const others = await tx.webhookEndpoint.count({ where: { workspaceId, disabledAt: null } });
  if (others === 0) await tx.webhookCursor.update({ where: { workspaceId }, data: { seq } });
  return seq;
}

/** Writes the fields of a locked endpoint. */
export const writeEndpoint = (
  tx: Transaction,
  { workspaceId, id }: WebhookEndpoint,
  data: Partial<WebhookEndpoint>,
): Promise<WebhookEndpoint> =>
  tx.webhookEndpoint.update({
    where: { workspaceId_id: { workspaceId, id } },
    data: nextVersion(data),
  });

export const lockEndpoint = (
  tx: Transaction,
  { workspaceId }: Caller,
  id: string,
  path = 'id',
): Promise<WebhookEndpoint> =>
  lockRow(tx, 'WebhookEndpoint', { workspaceId, id }, { strength: 'NO KEY UPDATE', path: [path] });
