import { connectionsBy, type LoaderParts } from '../../db/reading/loaders.js';
import { attemptList, deliveryList } from './webhook.fields.js';

export const webhookLoaders = (parts: LoaderParts) => ({
  /** A page of deliveries per endpoint id. */
  deliveriesOf: connectionsBy(parts, deliveryList, 'endpointId'),
  /** A page of attempts per delivery id. */
  attemptsOf: connectionsBy(parts, attemptList, 'deliveryId'),
});
