import { createHash } from 'node:crypto';
import type { z } from 'zod';
import type { Caller } from '../../../auth/caller.js';
import { type Database, sql, type Transaction } from '../../../db/database.js';
import { readId } from '../../../db/global-id.js';
import { newId } from '../../../db/ids.js';
import { listReader } from '../../../db/lists/listing.js';
import { lockRow } from '../../../db/reading/rows.js';
import { badInput, conflict, notFound } from '../../../errors.js';
import type { WebhookEndpoint } from '../../../generated/prisma/client.js';
import { type AllowedTargets, isForbiddenHost } from '../../../lib/http/targets.js';
import { formatNamed, type WebhookFormats } from '../../../lib/http/webhook-format.js';
import { changesOf } from '../../../lib/values/changes.js';
import { parseInput } from '../../../lib/values/validation.js';
import { requireVersion } from '../../../lib/values/version.js';
import { isUuid, readIdOrUuid } from '../../customer/lookup/customer.lookup.js';
import { recordEvents } from '../../events/event.service.js';
import { newSecret } from '../sending/webhook.signature.js';
import { endpointList } from '../webhook.fields.js';
import { isPatternOf, requireToReadAll } from './webhook.endpoint.events.js';
import {
  type DeleteEndpointInput,
  deleteEndpointInput,
  maxEndpoints,
  type NewEndpointInput,
  newEndpointInput,
  type RotateSecretInput,
  rotateSecretInput,
  type UpdateEndpointInput,
  updateEndpointInput,
} from './webhook.endpoint.input.js';

export interface EndpointChange {
  endpoint: WebhookEndpoint;
  result: 'UPDATED' | 'UNCHANGED';
}

/**
 * An endpoint and its new secret, which is returned only once. It is null when an earlier run of an idempotent request
 * created it.
 */
export interface EndpointWithSecret {
  endpoint: WebhookEndpoint;
  secret: string | null;
}

/** What a transaction returns instead of the secret, because its result may be stored for repetitions. */
interface Written {
  endpoint: WebhookEndpoint;
  secretHash: string;
}

const hashOf = (secret: string): string => createHash('sha256').update(secret).digest('hex');

const shownWith = ({ endpoint, secretHash }: Written, secret: string): EndpointWithSecret => ({
  endpoint,
  secret: hashOf(secret) === secretHash ? secret : null,
});

const hourMs = 3_600_000;

export function webhookService(db: Database, allowed: AllowedTargets, formats: WebhookFormats) {
  /** @throws BAD_USER_INPUT for a URL whose host is not allowed as a target. */
  const requireTarget = (url: string | undefined): void => {
    if (url !== undefined && isForbiddenHost(new URL(url).hostname, allowed)) {
      throw badInput(['url'], 'Must lead to a public address.');
    }
  };

  /** @throws BAD_USER_INPUT for a pattern that selects no event of the format. */
  const requirePatterns = ({ eventTypes, format }: Pick<WebhookEndpoint, 'eventTypes' | 'format'>): void => {
    const index = eventTypes.findIndex((pattern) => !isPatternOf(formatNamed(formats, format), pattern));
    if (index === -1) return;
    const message = 'Must be a type of event, such as "customer.created", or "customer.*", or "*" for all.';
    throw badInput(['eventTypes', index], message);
  };

  return {
    /** The workspace's endpoints. @throws BAD_USER_INPUT at the argument that cannot be used. */
    list: listReader(db, endpointList),

    /**
     * Creates an endpoint, which receives the events that happen from now on. The secret is returned only here.
     * @throws InvalidInput, NOT_FOUND, CONFLICT when there are `maxEndpoints`, FORBIDDEN when the caller lacks a scope to read
     * the events.
     */
    async create(caller: Caller, input: NewEndpointInput): Promise<EndpointWithSecret> {
      const { filter, isEnabled, description = null, url, ...fields } = parseInput(newEndpointInput, input);
      requireTarget(url);
      const { workspaceId } = caller;
      const eventTypes = fields.eventTypes ?? ['*'];
      const format = fields.format ?? 'DESKGRAPH';
      requirePatterns({ eventTypes, format });
      requireToReadAll(caller, { eventTypes, format }, formats);
      const id = newId('WebhookEndpoint');
      const secret = newSecret();
      const configured = { ...state(isEnabled ?? true), ...grantOf(caller) };
      const written = await db.transaction(async (tx): Promise<Written> => {
        const shown = { eventTypes, format, description, ...(await filterColumns(tx, caller, filter)), ...configured };
        await requireSubjects(tx, caller, shown);
        const after = { ...shown, disabledAt: shown.disabledAt?.toISOString() ?? null, url: originOf(url) };
        await recordEvents(tx, caller, [{ type: 'webhook_endpoint.created', entityId: id, data: { after } }]);
        const afterSeq = await startFollowing(tx, workspaceId);
        if ((await tx.webhookEndpoint.count({ where: { workspaceId } })) >= maxEndpoints) {
          throw conflict([], `A workspace has at most ${maxEndpoints} webhook endpoints.`);
        }
        const endpoint = await tx.webhookEndpoint.create({ data: { workspaceId, id, url, ...shown, afterSeq } });
        await insertSecret(tx, endpoint, secret);
        return { endpoint, secretHash: hashOf(secret) };
      });
      return shownWith(written, secret);
    },

    /**
     * Writes the given fields. An endpoint that is enabled again receives the events that happen from then on, and only
     * events that this caller has the scopes to read. @throws InvalidInput, NOT_FOUND, CONFLICT for the version, FORBIDDEN
     * when the caller lacks a scope to read the events before the change, which may still be pending, or after it.
     */
    update(caller: Caller, input: UpdateEndpointInput): Promise<EndpointChange> {
      const { id: given, ifVersion, filter, isEnabled, ...fields } = parseInput(updateEndpointInput, input);
      requireTarget(fields.url);
      const id = readId('WebhookEndpoint', given, ['id']);
      return db.transaction(async (tx) => {
        const endpoint = await lockEndpoint(tx, caller, id);
        requireToReadAll(caller, endpoint, formats);
        requireVersion('webhook endpoint', endpoint, ifVersion);
        const { disabledAt } = endpoint;
        const switched = isEnabled !== undefined && isEnabled !== (disabledAt === null);
        const changes = changesOf(endpoint, {
          ...fields,
          ...grantOf(caller),
          ...(filter !== undefined && (await filterColumns(tx, caller, filter))),
          ...(switched && { ...state(isEnabled), failingSince: null, failureCount: 0, pausedUntil: null }),
        });
        if (!changes) return { endpoint, result: 'UNCHANGED' };
        requirePatterns({ ...endpoint, ...changes.after });
        requireToReadAll(caller, { ...endpoint, ...changes.after }, formats);
        await requireSubjects(tx, caller, changes.after);
        const { before, after } = changes;
        const data = { before: recorded(before), after: recorded(after) };
        await recordEvents(tx, caller, [{ type: 'webhook_endpoint.updated', entityId: id, data }]);
        const enabled = switched && isEnabled && { afterSeq: await startFollowing(tx, caller.workspaceId) };
        return { endpoint: await writeEndpoint(tx, endpoint, { ...after, ...enabled }), result: 'UPDATED' };
      });
    },

    /** Deletes an endpoint and its deliveries. @throws InvalidInput, NOT_FOUND */
    delete(caller: Caller, input: DeleteEndpointInput): Promise<{ deletedId: string }> {
      const id = readId('WebhookEndpoint', parseInput(deleteEndpointInput, input).id, ['id']);
      const { workspaceId } = caller;
      return db.transaction(async (tx) => {
        const { url } = await lockEndpoint(tx, caller, id);
        const data = { before: { url: originOf(url) } };
        await recordEvents(tx, caller, [{ type: 'webhook_endpoint.deleted', entityId: id, data }]);
        await tx.webhookEndpoint.delete({ where: { workspaceId_id: { workspaceId, id } } });
        return { deletedId: id };
      });
    },

    /**
     * Gives an endpoint a new secret. Requests are signed with the previous one as well, for some hours; secrets older than
     * that are removed.
     * @throws InvalidInput, NOT_FOUND, FORBIDDEN when the caller lacks a scope to read the events of the endpoint.
     */
    async rotateSecret(caller: Caller, input: RotateSecretInput): Promise<EndpointWithSecret> {
      const { id: given, overlapHours } = parseInput(rotateSecretInput, input);
      const id = readId('WebhookEndpoint', given, ['id']);
      const { workspaceId } = caller;
      const secret = newSecret();
      const written = await db.transaction(async (tx): Promise<Written> => {
        const endpoint = await lockEndpoint(tx, caller, id);
        requireToReadAll(caller, endpoint, formats);
        await tx.webhookSecret.deleteMany({ where: { workspaceId, endpointId: id, expiresAt: { not: null } } });
        const expiresAt = new Date(Date.now() + overlapHours * hourMs);
        await tx.webhookSecret.updateMany({ where: { workspaceId, endpointId: id }, data: { expiresAt } });
        await insertSecret(tx, endpoint, secret);
        const data = { overlapHours };
        await recordEvents(tx, caller, [{ type: 'webhook_endpoint.secret_rotated', entityId: id, data }]);
        return { endpoint: await writeEndpoint(tx, endpoint, {}), secretHash: hashOf(secret) };
      });
      return shownWith(written, secret);
    },
  };
}

/** The key that configures the endpoint, and its scopes, which limit the events that the endpoint receives. */
const grantOf = ({ keyId, scopes }: Caller): Pick<WebhookEndpoint, 'configuredBy' | 'scopes'> => {
  return { configuredBy: keyId, scopes: [...scopes].sort() };
};

/** The columns of a filter; all are null without one. @throws BAD_USER_INPUT for an invalid id. */
async function filterColumns(
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
async function requireSubjects(
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

const state = (isEnabled: boolean) => {
  return isEnabled
    ? { disabledAt: null, disabledReason: null }
    : { disabledAt: new Date(), disabledReason: 'REQUESTED' as const };
};

/** The changed fields for the audit log. Of a URL, which may contain a secret, only the origin is logged. */
function recorded({
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

const originOf = (url: string): string => new URL(url).origin;

/**
 * Makes the dispatcher follow the outbox of the workspace. Returns the seq after which a newly enabled endpoint
 * receives events. If no other endpoint is enabled, earlier events are skipped. The cursor stays locked until the
 * transaction ends, so concurrent calls run one after the other.
 */
async function startFollowing(tx: Transaction, workspaceId: string): Promise<bigint> {
  await tx.webhookCursor.createMany({ data: [{ workspaceId, seq: 0n }], skipDuplicates: true });
  await tx.$executeRaw(sql`SELECT FROM "WebhookCursor" WHERE "workspaceId" = ${workspaceId} FOR UPDATE`);
  const [last] = await tx.$queryRaw<{ seq: bigint }[]>(sql`
    SELECT CASE WHEN is_called THEN last_value ELSE 0 END AS "seq" FROM "DomainEvent_seq_seq"`);
  const seq = last?.seq ?? 0n;
  const others = await tx.webhookEndpoint.count({ where: { workspaceId, disabledAt: null } });
  if (others === 0) await tx.webhookCursor.update({ where: { workspaceId }, data: { seq } });
  return seq;
}

async function insertSecret(tx: Transaction, { workspaceId, id }: WebhookEndpoint, secret: string): Promise<void> {
  await tx.webhookSecret.create({ data: { workspaceId, id: newId('WebhookSecret'), endpointId: id, secret } });
}

const writeEndpoint = (
  tx: Transaction,
  { workspaceId, id }: WebhookEndpoint,
  data: Partial<WebhookEndpoint>,
): Promise<WebhookEndpoint> =>
  tx.webhookEndpoint.update({
    where: { workspaceId_id: { workspaceId, id } },
    data: { ...data, version: { increment: 1 }, updatedAt: new Date() },
  });

export const lockEndpoint = (
  tx: Transaction,
  { workspaceId }: Caller,
  id: string,
  path = 'id',
): Promise<WebhookEndpoint> =>
  lockRow(tx, 'WebhookEndpoint', { workspaceId, id }, { strength: 'NO KEY UPDATE', path: [path] });
