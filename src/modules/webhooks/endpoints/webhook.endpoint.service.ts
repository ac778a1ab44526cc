import type { Caller } from '../../../auth/caller.js';
import type { Database } from '../../../db/database.js';
import { readId } from '../../../db/global-id.js';
import { newId } from '../../../db/ids.js';
import { listReader } from '../../../db/lists/listing.js';
import { badInput, conflict } from '../../../errors.js';
import type { WebhookEndpoint } from '../../../generated/prisma/client.js';
import { type AllowedTargets, isForbiddenHost } from '../../../lib/http/targets.js';
import { formatNamed, type WebhookFormats } from '../../../lib/http/webhook-format.js';
import { changesOf } from '../../../lib/values/changes.js';
import { parseInput } from '../../../lib/values/validation.js';
import { requireVersion } from '../../../lib/values/version.js';
import { recordEvents } from '../../events/event.service.js';
import { newSecret } from '../sending/webhook.signature.js';
import { endpointList } from '../webhook.fields.js';
import { isPatternOf, requireToReadAll } from './webhook.endpoint.events.js';
import { filterColumns, requireSubjects } from './webhook.endpoint.filter.js';
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
import { type EndpointWithSecret, hashOf, insertSecret, shownWith, type Written } from './webhook.endpoint.secret.js';
import { lockEndpoint, originOf, recorded, startFollowing, writeEndpoint } from './webhook.endpoint.writes.js';

export interface EndpointChange {
  endpoint: WebhookEndpoint;
  result: 'UPDATED' | 'UNCHANGED';
}

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

const state = (isEnabled: boolean) => {
  return isEnabled
    ? { disabledAt: null, disabledReason: null }
    : { disabledAt: new Date(), disabledReason: 'REQUESTED' as const };
};
