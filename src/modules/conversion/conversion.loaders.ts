import DataLoader from 'dataloader';
import { type Database, raw } from '../../db/database.js';
import { listingOf, readConnections } from '../../db/lists/listing.js';
import { loaderPerArguments } from '../../db/reading/loaders.js';
import { readRows } from '../../db/reading/rows.js';
import { conversions } from '../../db/reading/tables.js';
import type { Conversion } from '../../generated/prisma/client.js';
import { type ConversionListArguments, conversionList } from './conversion.fields.js';

export type ConversionLoaders = ReturnType<typeof conversionLoaders>;

export function conversionLoaders(db: Database, workspaceId: string) {
  const by = (column: 'customerId' | 'refundOfId') =>
    loaderPerArguments((args: ConversionListArguments, ids) =>
      readConnections(db, listingOf(conversionList, workspaceId, args), { column: raw(`r."${column}"`), ids }),
    );
  return {
    /** Conversions by id; null where the workspace has none. */
    byId: new DataLoader<string, Conversion | null>((ids) => readRows(db, conversions, workspaceId, ids)),
    /** A page of conversions per customer id. */
    ofCustomer: by('customerId'),
    /** A page of refunds per id of what they refund. */
    ofRefunded: by('refundOfId'),
  };
}
