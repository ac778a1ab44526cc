import { type Database, sql } from '../../../db/database.js';
import { events, webhookDeliveries, webhookEndpoints } from '../../../db/reading/tables.js';
import type { DomainEvent, Prisma, WebhookDelivery, WebhookEndpoint } from '../../../generated/prisma/client.js';
import { formatNamed, type ToldEvent, type WebhookFormats } from '../../../lib/http/webhook-format.js';
import { exactly } from '../../../lib/values/money.js';
import type { FileLinks } from '../../file/file.links.js';
import { type EntityReader, entityReader, type UuidReader, uuidReader } from '../deliveries/webhook.entities.js';
import { mayReceive, scopesOf, toldOf } from '../endpoints/webhook.endpoint.events.js';

/** The data of one attempt of a delivery. */
export interface DeliveryRequest {
  delivery: WebhookDelivery;
  endpoint: WebhookEndpoint;
  /** The current secret first. */
  secrets: readonly string[];
  body: string;
  /** The name of the event in the format of the endpoint. */
  name: string;
  /** Whether the endpoint may receive the event now. */
  isAllowed: boolean;
}

export interface DeliveryKey {
  workspaceId: string;
  deliveryId: string;
}

/** The event type of a test delivery. */
export const testEventType = 'webhook_endpoint.test';

interface Row {
  delivery: WebhookDelivery;
  endpoint: WebhookEndpoint;
  /** Null for a test. */
  event: DomainEvent | null;
  /** The scopes of the key that last configured the endpoint; null for the operator. */
  keyScopes: string[] | null;
  currency: string;
  workspaceUuid: string;
}

/** Reads deliveries with the data to send; null for one that no longer exists. Takes a fixed number of statements. */
export async function readDeliveryRequests(
  db: Database,
  keys: readonly DeliveryKey[],
  formats: WebhookFormats,
  links: FileLinks,
): Promise<(DeliveryRequest | null)[]> {
  const rows = await readRows(db, keys);
  const secrets = await readSecrets(db, [...rows.values()]);
  const readers = new Map<string, Readers>();
  const readersOf = ({ delivery: { workspaceId }, currency }: Row): Readers => {
    const reader = readers.get(workspaceId) ?? {
      readEntity: entityReader(db, workspaceId, currency, links),
      readUuid: uuidReader(db, workspaceId),
    };
    readers.set(workspaceId, reader);
    return reader;
  };
  return Promise.all(
    keys.map(async (key): Promise<DeliveryRequest | null> => {
      const row = rows.get(textOf(key.workspaceId, key.deliveryId));
      if (!row) return null;
      const { delivery, endpoint, event, keyScopes } = row;
      const isAllowed = !event || mayReceive(endpoint, keyScopes, event.type, formats);
      const body = isAllowed ? await bodyOf(row, readersOf(row), formats) : '';
      const name = (event && formatNamed(formats, endpoint.format)?.nameOf(toldOf(event))) ?? delivery.type;
      return {
        delivery,
        endpoint,
        body,
        name,
        isAllowed,
        secrets: secrets.get(textOf(key.workspaceId, endpoint.id)) ?? [],
      };
    }),
  );
}

const textOf = (workspaceId: string, id: string): string => `${workspaceId} ${id}`;

async function readRows(db: Database, keys: readonly DeliveryKey[]): Promise<Map<string, Row>> {
  const [delivery, endpoint, event] = [webhookDeliveries.project(), webhookEndpoints.project(), events.project()];
  const workspaceIds = keys.map(({ workspaceId }) => workspaceId);
  const deliveryIds = keys.map(({ deliveryId }) => deliveryId);
  const rows = await db.read(sql`
    SELECT w."currency", w."uuid", a."scopes", ${delivery.select('d')}, ${endpoint.select('e')}, ${event.select('v')}
    FROM unnest(${workspaceIds}::text[], ${deliveryIds}::text[]) AS k("workspaceId", "id")
    JOIN "WebhookDelivery" AS d ON d."workspaceId" = k."workspaceId" AND d."id" = k."id"
    JOIN "WebhookEndpoint" AS e ON e."workspaceId" = d."workspaceId" AND e."id" = d."endpointId"
    JOIN "Workspace" AS w ON w."id" = d."workspaceId"
    LEFT JOIN "ApiKey" AS a ON a."workspaceId" = e."workspaceId" AND a."id" = e."configuredBy"
    LEFT JOIN "DomainEvent" AS v ON v."workspaceId" = d."workspaceId" AND v."id" = d."eventId"`);
  return new Map(
    rows.map((values): [string, Row] => {
      const [currency, workspaceUuid, keyScopes] = values as [string, string, string[] | null];
      const found = delivery.row(values, 3);
      const row: Row = {
        currency,
        workspaceUuid,
        keyScopes,
        delivery: found,
        endpoint: endpoint.row(values, 3 + delivery.width),
        event: found.eventId === null ? null : event.row(values, 3 + delivery.width + endpoint.width),
      };
      return [textOf(found.workspaceId, found.id), row];
    }),
  );
}

async function readSecrets(db: Database, rows: readonly Row[]): Promise<Map<string, string[]>> {
  const endpoints = new Map(rows.map(({ endpoint }) => [textOf(endpoint.workspaceId, endpoint.id), endpoint]));
  const workspaceIds = [...endpoints.values()].map(({ workspaceId }) => workspaceId);
  const endpointIds = [...endpoints.values()].map(({ id }) => id);
  const found = await db.read(sql`SELECT s."workspaceId", s."endpointId", s."secret"
    FROM unnest(${workspaceIds}::text[], ${endpointIds}::text[]) AS k("workspaceId", "id")
    JOIN "WebhookSecret" AS s ON s."workspaceId" = k."workspaceId" AND s."endpointId" = k."id"
    WHERE s."expiresAt" IS NULL OR s."expiresAt" > now() ORDER BY s."expiresAt" DESC NULLS FIRST`);
  const secrets = new Map<string, string[]>();
  for (const [workspaceId, endpointId, secret] of found as [string, string, string][]) {
    const key = textOf(workspaceId, endpointId);
    secrets.set(key, [...(secrets.get(key) ?? []), secret]);
  }
  return secrets;
}

interface Readers {
  readEntity: EntityReader;
  readUuid: UuidReader;
}

/** The JSON of a delivery: the event, the changes, and the current entity. */
async function bodyOf(
  { delivery, endpoint, event, keyScopes, workspaceUuid }: Row,
  { readEntity, readUuid }: Readers,
  formats: WebhookFormats,
): Promise<string> {
  const { workspaceId } = delivery;
  const format = formatNamed(formats, endpoint.format);
  if (!event) {
    const { id, type, createdAt: at } = delivery;
    if (format) return format.test({ id, type, at, workspaceId, workspaceUuid });
    return JSON.stringify({ type, timestamp: at, data: { workspaceId, endpointId: endpoint.id } });
  }
  const { before = null, after = null, ...details } = event.data as Prisma.JsonObject;
  const told: ToldEvent = {
    type: event.type,
    timestamp: event.occurredAt,
    data: {
      id: event.id,
      seq: exactly(event.seq),
      workspaceId,
      actorId: event.actorId,
      entityId: event.entityId,
      before,
      after,
      details: Object.keys(details).length > 0 ? details : null,
      entity: await readEntity(event.entityId, scopesOf(endpoint, keyScopes)),
    },
  };
  if (!format) return JSON.stringify(told);
  return format.body(delivery.id, told, { workspaceUuid, customerUuid: () => customerUuidOf(told, readUuid) });
}

/** The UUID of the customer of an event. For a deleted customer the event contains it. */
async function customerUuidOf({ type, data }: ToldEvent, readUuid: UuidReader): Promise<string | null> {
  const { uuid } = { ...data.details } as { uuid?: unknown };
  if (type === 'customer.deleted' && typeof uuid === 'string') return uuid;
  if (type.startsWith('customer.')) return readUuid(data.entityId);
  const { customerId } = { ...data.entity } as { customerId?: unknown };
  return typeof customerId === 'string' ? readUuid(customerId) : null;
}
