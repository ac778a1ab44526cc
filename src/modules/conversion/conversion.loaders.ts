import { connectionsBy, type LoaderParts } from '../../db/reading/loaders.js';
import { conversionList } from './conversion.fields.js';

export const conversionLoaders = (parts: LoaderParts) => ({
  /** A page of conversions per customer id. */
  ofCustomer: connectionsBy(parts, conversionList, 'customerId'),
  /** A page of refunds per id of the refunded conversion. */
  ofRefunded: connectionsBy(parts, conversionList, 'refundOfId'),
});
