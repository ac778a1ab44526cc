import type { Caller } from '../../../auth/caller.js';
import type { Transaction } from '../../../db/database.js';
import { notFound } from '../../../errors.js';
import type { Customer } from '../../../generated/prisma/client.js';
import type { NewEvent } from '../../events/event.service.js';
import { type CustomerRecord, openPlan } from '../bulk/customer.bulk.plan.js';
import { CustomerDirectory } from './customer.directory.js';
import { identify } from './customer.lookup.js';

/** How a click or a conversion names its customer: by a plain id, or by the names that others know. */
export interface StitchKey {
  customerId: string | null;
  externalId: string | null;
  email: string | null;
}

export interface Stitched {
  customer: Customer;
  /** Whether there was none before. */
  isCreated: boolean;
}

/**
 * The customers whom clicks and conversions belong to, locked until the transaction ends. Names are brought together:
 * who is known by an e-mail address or by a click alone takes the externalId that comes with it. In between reading and
 * writing it answers from memory, also for those whom earlier items create. What is to be recorded is added to `events`.
 */
export async function openStitching(
  tx: Transaction,
  caller: Caller,
  keys: readonly StitchKey[],
  /** Whom the clicks belong to that conversions name. */
  ownerIds: readonly string[],
  events: NewEvent[],
) {
  const named = keys.map(({ customerId, externalId, email }) => ({ id: customerId, externalId, email }));
  const wanted = [...named, ...ownerIds.map((id) => ({ id }))];
  const directory = await CustomerDirectory.open(tx, caller, wanted, { allExist: true });
  const plan = openPlan(caller, directory, events);

  const alive = (id: string): Customer | null => {
    const customer = directory.withId(id)?.customer;
    return customer && customer.deletedAt === null ? customer : null;
  };

  /** Gives a customer the names that it lacks; those it has stay. */
  const fill = (
    customer: Customer,
    { externalId, email }: Partial<Pick<StitchKey, 'externalId' | 'email'>>,
  ): Customer => {
    const lacking = {
      ...(customer.externalId === null && externalId != null && { externalId }),
      ...(customer.email === null && email != null && { email }),
    };
    return plan.change(customer, lacking).customer;
  };

  return {
    /**
     * Whom the key means: the customer of that id, else of the externalId, else of the e-mail, else the one that the click
     * belongs to, else a new one with these names.
     * @throws NOT_FOUND for the id, CONFLICT when the e-mail is that of somebody with another externalId.
     */
    meant({ customerId, ...names }: StitchKey, ownerId: string | null, record: CustomerRecord): Stitched {
      if (customerId !== null) {
        const customer = alive(customerId);
        if (!customer) throw notFound('Customer', ['customerId']);
        return { customer, isCreated: false };
      }
      const found = identify(names, directory.withNames(names));
      if (found) return { customer: fill(found.customer, found.fields), isCreated: false };
      const last = ownerId === null ? undefined : directory.withId(ownerId)?.customer;
      // What is known by the click alone stays with whom it belonged to, also when that one was deleted.
      const isNamed = names.externalId !== null || names.email !== null;
      const owner = last && (last.deletedAt === null || !isNamed) ? last : null;
      const mayBe = (name: 'externalId' | 'email') => names[name] === null || owner?.[name] === null;
      if (owner && mayBe('externalId') && mayBe('email')) return { customer: fill(owner, names), isCreated: false };
      const given = Object.fromEntries(Object.entries(names).filter(([, name]) => name !== null));
      return { customer: plan.create(given, record).customer, isCreated: true };
    },

    /** Writes the customers. @throws Overtaken, or a unique violation, when somebody else took one of the names. */
    write: (): Promise<void> => plan.write(tx),
  };
}
