import type { Database } from '../../db/database.js';
import { listReader } from '../../db/lists/listing.js';
import { contactList } from './contact.fields.js';

/** Contacts are customers as they appear in the inbox. The service of customers has their changes. */
export function contactService(db: Database) {
  return {
    /** The contacts of the inbox. @throws BAD_USER_INPUT for an invalid argument. */
    list: listReader(db, contactList),
  };
}
