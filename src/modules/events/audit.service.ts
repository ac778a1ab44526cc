import type { Database } from '../../db/database.js';
import { type Connection, readConnection } from '../../db/listing.js';
import type { DomainEvent } from '../../generated/prisma/client.js';
import type { Caller } from '../workspace/caller.js';
import { type AuditListArguments, auditListing } from './event.listing.js';

export type AuditService = ReturnType<typeof auditService>;

export function auditService(db: Database) {
  return {
    /** What was changed in the workspace. @throws BAD_USER_INPUT at the argument that cannot be used. */
    list({ workspaceId }: Caller, args: AuditListArguments): Promise<Connection<DomainEvent>> {
      return readConnection(db, auditListing(workspaceId, args));
    },
  };
}
