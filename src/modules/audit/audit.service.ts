import type { Caller } from '../../auth/caller.js';
import type { Database } from '../../db/database.js';
import { type Connection, listingOf, readConnection } from '../../db/lists/listing.js';
import type { DomainEvent } from '../../generated/prisma/client.js';
import { type AuditListArguments, auditList } from './audit.fields.js';

export type AuditService = ReturnType<typeof auditService>;

export function auditService(db: Database) {
  return {
    /** The changes of the workspace. @throws BAD_USER_INPUT for an invalid argument. */
    list({ workspaceId }: Caller, args: AuditListArguments): Promise<Connection<DomainEvent>> {
      return readConnection(db, listingOf(auditList, workspaceId, args));
    },
  };
}
