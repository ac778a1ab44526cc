import DataLoader from 'dataloader';
import { type Database, raw } from '../../db/database.js';
import { listingOf, readConnections } from '../../db/lists/listing.js';
import { loaderPerArguments } from '../../db/reading/loaders.js';
import { readRows } from '../../db/reading/rows.js';
import { webhookAttempts, webhookDeliveries, webhookEndpoints } from '../../db/reading/tables.js';
import type { WebhookAttempt, WebhookDelivery, WebhookEndpoint } from '../../generated/prisma/client.js';
import { type AttemptListArguments, attemptList, type DeliveryListArguments, deliveryList } from './webhook.fields.js';

export type WebhookLoaders = ReturnType<typeof webhookLoaders>;

export function webhookLoaders(db: Database, workspaceId: string) {
  const ofEndpoint = raw('r."endpointId"');
  const ofDelivery = raw('r."deliveryId"');
  return {
    /** Endpoints by id; null where the workspace has none. */
    endpointById: new DataLoader<string, WebhookEndpoint | null>((ids) =>
      readRows(db, webhookEndpoints, workspaceId, ids),
    ),

    /** Deliveries by id; null where the workspace has none. */
    deliveryById: new DataLoader<string, WebhookDelivery | null>((ids) =>
      readRows(db, webhookDeliveries, workspaceId, ids),
    ),

    /** Attempts by id; null where the workspace has none. */
    attemptById: new DataLoader<string, WebhookAttempt | null>((ids) =>
      readRows(db, webhookAttempts, workspaceId, ids),
    ),

    /** A page of deliveries per endpoint id. */
    deliveriesOf: loaderPerArguments((args: DeliveryListArguments, ids) =>
      readConnections(db, listingOf(deliveryList, workspaceId, args), { column: ofEndpoint, ids }),
    ),

    /** A page of attempts per delivery id. */
    attemptsOf: loaderPerArguments((args: AttemptListArguments, ids) =>
      readConnections(db, listingOf(attemptList, workspaceId, args), { column: ofDelivery, ids }),
    ),
  };
}
