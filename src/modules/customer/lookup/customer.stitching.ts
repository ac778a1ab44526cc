import type { Caller } from '../../../auth/caller.js';
import type { Transaction } from '../../../db/database.js';
import { notFound } from '../../../errors.js';
import type { Customer } from '../../../generated/prisma/client.js';
import type { NewEvent } from '../../events/event.service.js';
import { type CustomerRecord, openPlan } from '../bulk/customer.bulk.plan.js';
import { CustomerDirectory } from './customer.directory.js';
import { identify, readIdOrUuid } from './customer.lookup.js';

/** The keys of the customer of a click or a conversion: an id or a uuid, or an externalId and an e-mail. */
export interface StitchKey {
  customerId: string | null;
  externalId: string | null;
  email: string | null;
}

/** The keys that an input gives. @throws BAD_USER_INPUT for an invalid customer id */
export const stitchKeyOf = ({
  customerId,
  externalId,
  email,
}: { [Key in keyof StitchKey]?: string | null | undefined }): StitchKey => ({
  customerId: customerId == null ? null : readIdOrUuid(customerId, ['customerId']),
  externalId: externalId ?? null,
  email: email ?? null,
});

export interface Stitched {
  customer: Customer;
  /** Whether the customer is new. */
  isCreated: boolean;
}

/**
 * The customers of clicks and conversions, locked until the transaction ends. Keys are joined to one identity: a customer
 * known only by an e-mail address or a click takes the externalId given with it. Between reading and writing it uses
 * memory only and sees the customers that earlier items create. Their events are added to `events`.
 */
export async function openStitching(
  tx: Transaction,
  caller: Caller,
  keys: readonly StitchKey[],
  /** The customers of the clicks that conversions refer to. */
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

  /** Sets the keys that a customer lacks. Existing keys stay. */
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
     * The customer of the key: by id, else by externalId, else by e-mail, else the owner of the click, else a new
     * customer with this externalId and e-mail.
     * @throws NOT_FOUND for the id, CONFLICT when the e-mail belongs to a customer with another externalId.
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
      // If the click is the only key, its owner is the customer, even a deleted one.
      const isNamed = names.externalId !== null || names.email !== null;
      const owner = last && (last.deletedAt === null || !isNamed) ? last : null;
      const mayBe = (name: 'externalId' | 'email') => names[name] === null || owner?.[name] === null;
      if (owner && mayBe('externalId') && mayBe('email')) return { customer: fill(owner, names), isCreated: false };
      const given = Object.fromEntries(Object.entries(names).filter(([, name]) => name !== null));
      return { customer: plan.create(given, record).customer, isCreated: true };
    },

    /** Writes the customers. @throws Overtaken, or a unique violation, when another transaction took one of the keys. */
    write: (): Promise<void> => plan.write(tx),
  };
}
