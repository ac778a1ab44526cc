import DataLoader from 'dataloader';
import { type Database, raw } from '../../db/database.js';
import { listingOf, readConnections } from '../../db/lists/listing.js';
import { loaderPerArguments } from '../../db/reading/loaders.js';
import { readRows } from '../../db/reading/rows.js';
import { clicks } from '../../db/reading/tables.js';
import type { Click } from '../../generated/prisma/client.js';
import { type ClickListArguments, clickList } from './click.fields.js';

export type ClickLoaders = ReturnType<typeof clickLoaders>;

export function clickLoaders(db: Database, workspaceId: string) {
  const by = (column: 'customerId' | 'linkId') =>
    loaderPerArguments((args: ClickListArguments, ids) =>
      readConnections(db, listingOf(clickList, workspaceId, args), { column: raw(`r."${column}"`), ids }),
    );
  return {
    /** Clicks by id; null where the workspace has none. */
    byId: new DataLoader<string, Click | null>((ids) => readRows(db, clicks, workspaceId, ids)),
    /** A page of clicks per customer id. */
    ofCustomer: by('customerId'),
    /** A page of clicks per link id. */
    ofLink: by('linkId'),
  };
}
