import { raw } from '../../db/database.js';
import {
  type Combinable,
  type Comparator,
  compares,
  conditionsOf,
  type FieldConditions,
  holds,
  plainText,
} from '../../db/filter.js';
import { readId } from '../../db/global-id.js';
import type { Listing } from '../../db/keyset.js';
import { byTime, type ListArguments, listingOf } from '../../db/listing.js';
import { webhookAttempts, webhookDeliveries, webhookEndpoints } from '../../db/tables.js';
import type {
  WebhookAttempt,
  WebhookAttemptResult,
  WebhookDelivery,
  WebhookDeliveryStatus,
  WebhookEndpoint,
} from '../../generated/prisma/client.js';

export interface EndpointFilter extends Combinable<EndpointFilter> {
  id?: Comparator<string> | null | undefined;
  url?: Comparator<string> | null | undefined;
  configuredBy?: Comparator<string> | null | undefined;
  isEnabled?: boolean | null | undefined;
}

export interface DeliveryFilter extends Combinable<DeliveryFilter> {
  id?: Comparator<string> | null | undefined;
  endpointId?: Comparator<string> | null | undefined;
  eventId?: Comparator<string> | null | undefined;
  eventType?: Comparator<string> | null | undefined;
  status?: Comparator<WebhookDeliveryStatus> | null | undefined;
  createdAt?: Comparator<Date> | null | undefined;
}

export interface AttemptFilter extends Combinable<AttemptFilter> {
  result?: Comparator<WebhookAttemptResult> | null | undefined;
  startedAt?: Comparator<Date> | null | undefined;
}

const endpointConditions: FieldConditions<EndpointFilter> = {
  id: compares(raw('r."id"'), 'text', (value, path) => readId('WebhookEndpoint', value, path)),
  url: compares(raw('r."url"'), 'text', plainText),
  configuredBy: compares(raw('r."configuredBy"'), 'text', plainText),
  isEnabled: holds(raw('r."disabledAt" IS NULL')),
};

const deliveryConditions: FieldConditions<DeliveryFilter> = {
  id: compares(raw('r."id"'), 'text', (value, path) => readId('WebhookDelivery', value, path)),
  endpointId: compares(raw('r."endpointId"'), 'text', (value, path) => readId('WebhookEndpoint', value, path)),
  eventId: compares(raw('r."eventId"'), 'text', (value, path) => readId('DomainEvent', value, path)),
  eventType: compares(raw('r."type"'), 'text', plainText),
  status: compares(raw('r."status"'), '"WebhookDeliveryStatus"'),
  createdAt: compares(raw('r."createdAt"'), 'timestamptz'),
};

const attemptConditions: FieldConditions<AttemptFilter> = {
  result: compares(raw('r."result"'), '"WebhookAttemptResult"'),
  startedAt: compares(raw('r."startedAt"'), 'timestamptz'),
};

export type EndpointListArguments = ListArguments<EndpointFilter, 'CREATED_AT'>;
export type DeliveryListArguments = ListArguments<DeliveryFilter, 'CREATED_AT'>;
export type AttemptListArguments = ListArguments<AttemptFilter, 'STARTED_AT'>;

/** The workspace's endpoints, the oldest first unless said otherwise. */
export const endpointListing = (workspaceId: string, args: EndpointListArguments): Listing<WebhookEndpoint> =>
  listingOf(webhookEndpoints, workspaceId, args, {
    conditions: conditionsOf(args.filter ?? {}, endpointConditions),
    ordering: byTime('WebhookEndpoint', 'createdAt', args.orderBy?.direction ?? 'ASC'),
  });

/** Deliveries of the workspace, the latest first unless said otherwise. */
export const deliveryListing = (workspaceId: string, args: DeliveryListArguments): Listing<WebhookDelivery> =>
  listingOf(webhookDeliveries, workspaceId, args, {
    conditions: conditionsOf(args.filter ?? {}, deliveryConditions),
    ordering: byTime('WebhookDelivery', 'createdAt', args.orderBy?.direction ?? 'DESC'),
  });

/** Attempts, the latest first unless said otherwise. */
export const attemptListing = (workspaceId: string, args: AttemptListArguments): Listing<WebhookAttempt> =>
  listingOf(webhookAttempts, workspaceId, args, {
    conditions: conditionsOf(args.filter ?? {}, attemptConditions),
    ordering: byTime('WebhookAttempt', 'startedAt', args.orderBy?.direction ?? 'DESC'),
  });
