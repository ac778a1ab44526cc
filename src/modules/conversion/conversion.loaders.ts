import { connectionsBy, type LoaderParts } from '../../db/reading/loaders.js';
import { conversionListing } from './conversion.listing.js';

export const conversionLoaders = (parts: LoaderParts) => ({
  /** A page of conversions per customer id. */
  ofCustomer: connectionsBy(parts, conversionListing, 'customerId'),
  /** A page of refunds per id of what they refund. */
  ofRefunded: connectionsBy(parts, conversionListing, 'refundOfId'),
});
