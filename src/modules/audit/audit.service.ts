import type { Database } from '../../db/database.js';
import { listReader } from '../../db/lists/listing.js';
import { auditList } from './audit.fields.js';

export function auditService(db: Database) {
  return {
    /** The changes of the workspace. @throws BAD_USER_INPUT for an invalid argument. */
    list: listReader(db, auditList),
  };
}
