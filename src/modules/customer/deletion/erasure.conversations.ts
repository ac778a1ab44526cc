import { opaque, sql, type Transaction } from '../../../db/database.js';
import { blankEvents } from '../../events/event.blanking.js';
import { recordEvents } from '../../events/event.service.js';
import { eraseAnswersAbout } from '../../idempotency/idempotency.erasure.js';
import { unnamed } from './erasure.messages.js';
import type { Batch, Person, Place } from './erasure.steps.js';

interface Row {
  id: string;
  externalId: string | null;
  status: 'OPEN' | 'CLOSED' | 'ARCHIVED';
}

/**
 * Locks the conversations, so that a transaction that writes a message has either committed before, or finds the
 * customer deleted. SCRUB also closes the open conversations and removes their subjects, notes and metadata.
 */
export async function eraseConversations(
  tx: Transaction,
  { caller, customerIds: [id], mode, own }: Person,
  after: Place | null,
  limit: number,
): Promise<Batch> {
  const { workspaceId } = caller;
  const rows = await tx.$queryRaw<Row[]>(sql`SELECT c."id", c."externalId", c."status" FROM "Conversation" AS c
    WHERE c."workspaceId" = ${workspaceId} AND c."customerId" = ${id} AND c."id" > ${after?.id ?? ''}
    ORDER BY c."id" LIMIT ${limit} FOR UPDATE`);
  const last = rows.at(-1);
  if (!last) return { rows: 0, next: null, counts: {} };
  const ids = rows.map((row) => row.id);
  if (mode === 'SCRUB') {
    const named = rows.filter(({ externalId }) => own && unnamed(own, externalId) !== externalId).map((row) => row.id);
    const closed = rows.filter(({ status }) => status === 'OPEN');
    await recordEvents(
      tx,
      caller,
      closed.map((row) => ({
        type: 'conversation.status_changed',
        entityId: row.id,
        data: { before: { status: 'OPEN' }, after: { status: 'CLOSED' } },
      })),
    );
    await tx.$executeRaw(sql`UPDATE "Conversation" SET "subject" = NULL, "notes" = NULL, "metadata" = '{}', "lastMessagePreview" = '', "tags" = '{}',
        "externalId" = CASE WHEN "id" = ANY(${named}::text[]) THEN NULL ELSE "externalId" END,
        "closedAt" = CASE WHEN "status" = 'OPEN' THEN COALESCE("closedAt", now()) ELSE "closedAt" END,
        "status" = CASE WHEN "status" = 'OPEN' THEN 'CLOSED' ELSE "status" END, "snoozedUntil" = NULL, "unreadCount" = 0,
        "version" = "version" + 1, "updatedAt" = now()
      WHERE "workspaceId" = ${workspaceId} AND "id" = ANY(${opaque(ids)}::text[])`);
  }
  const answers = await eraseAnswersAbout(tx, workspaceId, ids);
  const { events, attempts } = await blankEvents(tx, caller, ids);
  return {
    rows: rows.length,
    next: rows.length < limit ? null : { id: last.id },
    counts: {
      ...(mode === 'SCRUB' && { 'Conversation BLANKED': rows.length }),
      'DomainEvent BLANKED': events,
      'WebhookAttempt BLANKED': attempts,
      'IdempotencyRecord BLANKED': answers,
    },
  };
}

/** Removes the conversations. Their messages must already be removed. */
export async function removeConversations(
  tx: Transaction,
  { caller: { workspaceId }, customerIds: [id] }: Person,
  _after: Place | null,
  limit: number,
): Promise<Batch> {
  const rows = await tx.$executeRaw(sql`DELETE FROM "Conversation" WHERE "workspaceId" = ${workspaceId} AND "id" IN (
    SELECT "id" FROM "Conversation" WHERE "workspaceId" = ${workspaceId} AND "customerId" = ${id} LIMIT ${limit})`);
  return { rows, next: rows < limit ? null : {}, counts: { 'Conversation REMOVED': rows } };
}
