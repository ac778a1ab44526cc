import type { Caller } from '../../../auth/caller.js';
import type { Transaction } from '../../../db/database.js';
import { AppError, at } from '../../../errors.js';
import type { Customer } from '../../../generated/prisma/client.js';
import type { WriteResult } from '../../../lib/values/changes.js';
import type { NewEvent } from '../../events/event.service.js';
import { openPlan } from '../bulk/customer.bulk.plan.js';
import { CustomerDirectory, type CustomerIdentity } from '../lookup/customer.directory.js';

/** The customer of an imported conversation. */
export interface ImportedIdentity extends CustomerIdentity {
  name?: string | null | undefined;
}

export type CustomerBook = Awaited<ReturnType<typeof openCustomerBook>>;

/**
 * The customers of a batch of imported conversations. After the first read the book answers from memory, also for
 * customers that earlier conversations of the batch create. Events to record are added to `events`.
 */
export async function openCustomerBook(
  tx: Transaction,
  caller: Caller,
  wanted: readonly ImportedIdentity[],
  events: NewEvent[],
) {
  const directory = await CustomerDirectory.open(tx, caller, wanted);
  const plan = openPlan(caller, directory, events);

  const meant = ({ externalId, email, id }: ImportedIdentity) => {
    try {
      return directory.meant({ externalId, email }, { id });
    } catch (error) {
      throw error instanceof AppError ? at(['customer'], error) : error;
    }
  };

  return {
    /**
     * The customer of the identity; null when there is none.
     * @throws CONFLICT when the e-mail or id belongs to another customer, or the customer was deleted.
     */
    find: (identity: ImportedIdentity): Customer | null => meant(identity)?.customer ?? null,

    /**
     * The customer of the identity, added as a new one when there is none. An existing customer keeps its values, and
     * takes the externalId if it has none.
     * @throws CONFLICT as `find` does.
     */
    take(identity: ImportedIdentity): { customer: Customer; result: WriteResult } {
      const { externalId = null, email = null, name = null } = identity;
      const found = meant(identity);
      if (!found) {
        const record = { ...(identity.id != null && { id: identity.id }), source: 'IMPORT' as const };
        return plan.create({ externalId, email, name }, record);
      }
      const { customer, fields } = found;
      if (customer.externalId !== null || fields.externalId == null) return { customer, result: 'UNCHANGED' };
      return plan.change(customer, { externalId: fields.externalId });
    },

    /** Writes the customers. @throws Overtaken, or a unique violation for an adopted externalId. */
    write: (): Promise<void> => plan.write(tx),
  };
}
