import { connectionsBy, type LoaderParts } from '../../db/reading/loaders.js';
import { clickListing } from './click.listing.js';

export const clickLoaders = (parts: LoaderParts) => ({
  /** A page of clicks per customer id. */
  ofCustomer: connectionsBy(parts, clickListing, 'customerId'),
  /** A page of clicks per link id. */
  ofLink: connectionsBy(parts, clickListing, 'linkId'),
});
