import type { Caller } from '../../auth/caller.js';
import type { Database } from '../../db/database.js';
import { type Connection, listingOf, readConnection } from '../../db/lists/listing.js';
import type { Customer } from '../../generated/prisma/client.js';
import { type ContactListArguments, contactList } from './contact.fields.js';

export type ContactService = ReturnType<typeof contactService>;

/** Contacts are customers as they appear in the inbox. The service of customers has their changes. */
export function contactService(db: Database) {
  return {
    /** The contacts of the inbox. @throws BAD_USER_INPUT for an invalid argument. */
    list({ workspaceId }: Caller, args: ContactListArguments): Promise<Connection<Customer>> {
      return readConnection(db, listingOf(contactList, workspaceId, args));
    },
  };
}
