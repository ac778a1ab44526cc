import { connectionsBy, type LoaderParts } from '../../db/reading/loaders.js';
import { attemptListing, deliveryListing } from './webhook.listing.js';

export const webhookLoaders = (parts: LoaderParts) => ({
  /** A page of deliveries per endpoint id. */
  deliveriesOf: connectionsBy(parts, deliveryListing, 'endpointId'),
  /** A page of attempts per delivery id. */
  attemptsOf: connectionsBy(parts, attemptListing, 'deliveryId'),
});
