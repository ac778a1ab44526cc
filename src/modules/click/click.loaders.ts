import { connectionsBy, type LoaderParts } from '../../db/reading/loaders.js';
import { clickList } from './click.fields.js';

export const clickLoaders = (parts: LoaderParts) => ({
  /** A page of clicks per customer id. */
  ofCustomer: connectionsBy(parts, clickList, 'customerId'),
  /** A page of clicks per link id. */
  ofLink: connectionsBy(parts, clickList, 'linkId'),
});
