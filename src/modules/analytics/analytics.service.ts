import { z } from 'zod';
import { type Database, sql } from '../../db/database.js';
import { readId } from '../../db/global-id.js';
import { countRows } from '../../db/keyset.js';
import { readRow } from '../../db/rows.js';
import { customers, workspaces } from '../../db/tables.js';
import { notFound } from '../../errors.js';
import type { Customer, Workspace } from '../../generated/prisma/client.js';
import { parseInput } from '../../lib/validation.js';
import { recountLedger } from '../conversion/conversion.ledger.js';
import { type CustomerFilter, customerMatch, visible } from '../customer/customer.listing.js';
import { lockCustomer } from '../customer/customer.naming.js';
import { recordEvents } from '../events/event.service.js';
import type { Caller } from '../workspace/caller.js';
import {
  type CohortsInput,
  type CustomerCohort,
  type LtvCohort,
  type LtvCohortsInput,
  readCohorts,
  readLtvCohorts,
} from './cohorts.service.js';

const recalculateInput = z.object({ id: z.string() });

/** What a recalculation found. Amounts are in minor units of the base currency. */
export interface RecalculatedLtv {
  customer: Customer;
  beforeMinor: bigint;
  afterMinor: bigint;
}

export function analyticsService(db: Database) {
  const workspaceOf = async ({ workspaceId }: Caller): Promise<Workspace> => {
    const workspace = await readRow(db, workspaces, sql`r."id" = ${workspaceId}`);
    if (!workspace) throw notFound('Workspace', []);
    return workspace;
  };

  return {
    /** Customers by when or how they were won. @throws InvalidInput */
    async cohorts(caller: Caller, input: CohortsInput): Promise<CustomerCohort[]> {
      return readCohorts(db, await workspaceOf(caller), input);
    },

    /** What customers brought month by month. @throws InvalidInput */
    async ltvCohorts(caller: Caller, input: LtvCohortsInput): Promise<LtvCohort[]> {
      return readLtvCohorts(db, await workspaceOf(caller), input);
    },

    /** How many customers a list with the filter has. @throws BAD_USER_INPUT at what cannot be used of the filter. */
    async customersCount({ workspaceId }: Caller, filter: CustomerFilter | null | undefined): Promise<number> {
      const where = [sql`r."workspaceId" = ${workspaceId}`, visible, ...customerMatch(workspaceId, filter ?? {})];
      return countRows(db, customers, where);
    },

    /** Computes a customer's sums from the ledger anew, whatever they were. @throws NOT_FOUND */
    recalculate(caller: Caller, input: z.input<typeof recalculateInput>): Promise<RecalculatedLtv> {
      const id = readId('Customer', parseInput(recalculateInput, input).id, ['id']);
      const { workspaceId } = caller;
      return db.transaction(async (tx) => {
        const before = await lockCustomer(tx, caller, id, { path: 'id' });
        await recountLedger(tx, workspaceId, [before.id]);
        const customer = await tx.customer.findUniqueOrThrow({
          where: { workspaceId_id: { workspaceId, id: before.id } },
        });
        const hasDrifted = customer.ltvMinor !== before.ltvMinor || customer.salesCount !== before.salesCount;
        if (hasDrifted) {
          const summary = (row: Customer) => ({ ltvMinor: String(row.ltvMinor), salesCount: row.salesCount });
          const data = { before: summary(before), after: summary(customer) };
          await recordEvents(tx, caller, [{ type: 'customer.ltv_recalculated', entityId: customer.id, data }]);
        }
        return { customer, beforeMinor: before.ltvMinor, afterMinor: customer.ltvMinor };
      });
    },
  };
}
