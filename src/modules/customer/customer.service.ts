import type { z } from 'zod';
import type { Caller } from '../../auth/caller.js';
import { type Database, join, type Sql, sql, type Transaction } from '../../db/database.js';
import { listReader } from '../../db/lists/listing.js';
import { readRow } from '../../db/reading/rows.js';
import { customers } from '../../db/reading/tables.js';
import { orTaken } from '../../db/writing/unique.js';
import { AppError, badInput } from '../../errors.js';
import type { Customer, CustomerSource } from '../../generated/prisma/client.js';
import type { ItemOutcome } from '../../lib/values/batch.js';
import { maxTags } from '../../lib/values/tags.js';
import { parseInput } from '../../lib/values/validation.js';
import { type UpsertCustomersInput, upsertCustomers } from './bulk/customer.bulk.js';
import { type ChangedCustomer, changeNamed, requireFree, takenBy } from './customer.change.js';
import { customerList } from './customer.fields.js';
import {
  type CustomerFields,
  contactInput,
  createContactInput,
  createCustomerInput,
  customerBy,
  customerKey,
  customerTagsInput,
  setCustomerStatusInput,
  updateContactInput,
  updateCustomerInput,
  upsertCustomerInput,
} from './customer.input.js';
import { type CustomerChange, type CustomerWrite, changeCustomer, given, insertCustomer } from './customer.writes.js';
import {
  type DeleteCustomerInput,
  type DeletedCustomer,
  deleteCustomer,
  type KeptElsewhere,
  nothingElsewhere,
} from './deletion/customer.deletion.js';
import {
  type CustomerKey,
  emailTaken,
  externalIdTaken,
  identify,
  identityConditions,
  type LockOptions,
  lockIdentified,
  matches,
  readIdOrUuid,
} from './lookup/customer.lookup.js';
import {
  type CustomerMergeResult,
  type MergeCustomersInput,
  mergeCustomers,
  type UnmergeCustomersInput,
  type UnmergedCustomers,
  unmergeCustomers,
} from './merge/customer.merge.js';

export type UpsertCustomerInput = z.input<typeof upsertCustomerInput>;
export type CreateCustomerInput = z.input<typeof createCustomerInput>;
export type UpdateCustomerInput = z.input<typeof updateCustomerInput>;
export type SetCustomerStatusInput = z.input<typeof setCustomerStatusInput>;
export type CustomerTagsInput = z.input<typeof customerTagsInput>;
export type CreateContactInput = z.input<typeof createContactInput>;
export type UpdateContactInput = z.input<typeof updateContactInput>;
export type ContactInput = z.input<typeof contactInput>;

export interface CreatedCustomer extends Omit<CustomerWrite, 'result'> {
  /** ADOPTED: an existing contact with the e-mail and without an externalId became the customer. */
  result: 'CREATED' | 'ADOPTED';
}

export function customerService(db: Database, kept: KeptElsewhere = nothingElsewhere) {
  /** Locks the customer with this id and writes the fields that `fieldsFor` returns for it. */
  const change = async (
    caller: Caller,
    { id, ...options }: { id: string } & Pick<LockOptions, 'ifVersion' | 'onlyIdentified'>,
    fieldsFor: (customer: Customer) => CustomerChange,
    what: 'Customer' | 'Contact' = 'Customer',
  ): Promise<ChangedCustomer> =>
    changeNamed(db, caller, readIdOrUuid(id, ['id']), { path: ['id'], what, ...options }, fieldsFor);

  /** Finds the customer with the key. `path` is the input path of an id. @throws BAD_USER_INPUT */
  const find = async (
    { workspaceId }: Caller,
    { id, externalId, email }: CustomerKey,
    path: readonly string[],
  ): Promise<Customer | null> => {
    const read = (condition: Sql) =>
      readRow(db, customers, sql`r."workspaceId" = ${workspaceId} AND r."deletedAt" IS NULL AND ${condition}`);
    const byId = (idOrUuid: string) => read(matches(idOrUuid, 'r'));
    const named = await (id == null
      ? read(join(identityConditions({ workspaceId }, { externalId, email }, 'r')))
      : byId(readIdOrUuid(id, path)));
    return named?.mergedIntoId ? byId(named.mergedIntoId) : named;
  };

  return {
    /** The customers of the workspace. @throws BAD_USER_INPUT for an invalid argument. */
    list: listReader(db, customerList),

    /** The customer with the one key that is given; null when there is none. @throws InvalidInput */
    async get(caller: Caller, key: CustomerKey): Promise<Customer | null> {
      return find(caller, parseInput(customerKey, key), ['id']);
    },

    /** Like `get`, for a key that is one input object. Errors are reported at `by`. @throws InvalidInput */
    async getBy(caller: Caller, by: CustomerKey): Promise<Customer | null> {
      return find(caller, parseInput(customerBy, { by }).by, ['by', 'id']);
    },

    /**
     * Creates a customer, or turns the contact that has the e-mail and no externalId into one.
     * @throws InvalidInput, CONFLICT when another customer holds the externalId or e-mail.
     */
    async create(caller: Caller, input: CreateCustomerInput): Promise<CreatedCustomer> {
      const fields = parseInput(createCustomerInput, input);
      return db.transaction(async (tx) => {
        const created = (await adopt(tx, caller, fields)) ?? (await insertNew(tx, caller, fields, 'API'));
        // Another transaction has inserted the customer. This statement sees its committed row.
        const result = created ?? (await adopt(tx, caller, fields));
        if (!result) throw underWay(['externalId']);
        return result;
      });
    },

    /**
     * Creates the customer, or writes the given fields of the one found by `id`, else `externalId`, else `email`.
     * A customer found by e-mail that has no externalId takes the given one.
     * @throws InvalidInput, NOT_FOUND for an unknown id, CONFLICT when another customer holds the externalId or e-mail.
     */
    async upsert(caller: Caller, input: UpsertCustomerInput): Promise<CustomerWrite> {
      const { id, ...fields } = parseInput(upsertCustomerInput, input);
      if (id != null) return change(caller, { id }, () => fields);
      const update = async (tx: Transaction): Promise<CustomerWrite | null> => {
        const found = identify(fields, await lockIdentified(tx, caller, fields));
        return found && changeCustomer(tx, caller, found.customer, found.fields);
      };
      const work = async (tx: Transaction): Promise<CustomerWrite> => {
        const written = (await update(tx)) ?? (await insertNew(tx, caller, fields, 'API'));
        // Another transaction has inserted the customer. This statement sees its committed row.
        const result = written ?? (await update(tx));
        if (!result) throw underWay(['externalId']);
        return result;
      };
      return orTaken(
        () => db.transaction(work),
        () => takenBy(db, caller, fields),
      );
    },

    /** Creates and changes many. @throws InvalidInput, and with ALL_OR_NOTHING the errors of the items. */
    upsertMany: (caller: Caller, input: UpsertCustomersInput): Promise<ItemOutcome<CustomerWrite>[]> =>
      upsertCustomers(db, caller, input),

    /** Writes the given fields. @throws InvalidInput, NOT_FOUND, CONFLICT for `ifVersion`, the externalId or e-mail. */
    async update(caller: Caller, input: UpdateCustomerInput): Promise<ChangedCustomer> {
      const { id, ifVersion, onlyIdentified, ...fields } = parseInput(updateCustomerInput, input);
      return change(caller, { id, ifVersion, onlyIdentified }, () => fields);
    },

    /** Suspends the customer, or ends the suspension. @throws NOT_FOUND, CONFLICT for `ifVersion`. */
    async setStatus(caller: Caller, input: SetCustomerStatusInput): Promise<ChangedCustomer> {
      const { status, ...which } = parseInput(setCustomerStatusInput, input);
      return change(caller, which, () => ({ status }));
    },

    /** Adds the tags that the customer does not have. @throws InvalidInput for more than `maxTags`, NOT_FOUND */
    async addTags(caller: Caller, input: CustomerTagsInput): Promise<ChangedCustomer> {
      const { tags, ...which } = parseInput(customerTagsInput, input);
      return change(caller, which, (customer) => {
        const all = [...new Set([...customer.tags, ...tags])];
        if (all.length <= maxTags) return { tags: all };
        throw badInput(['tags'], `At most ${maxTags} tags; with these there would be ${all.length}.`);
      });
    },

    /** Removes the tags that the customer has. @throws InvalidInput, NOT_FOUND */
    async removeTags(caller: Caller, input: CustomerTagsInput): Promise<ChangedCustomer> {
      const { tags, ...which } = parseInput(customerTagsInput, input);
      return change(caller, which, (customer) => ({ tags: customer.tags.filter((tag) => !tags.includes(tag)) }));
    },

    /** Deletes the customer with PURGE or SCRUB. @throws NOT_FOUND, CONFLICT for `ifVersion`. */
    delete: (caller: Caller, input: DeleteCustomerInput): Promise<DeletedCustomer> =>
      deleteCustomer(db, caller, input, kept),

    /** Merges two customers into one. @throws InvalidInput, NOT_FOUND, CONFLICT */
    merge: (caller: Caller, input: MergeCustomersInput): Promise<CustomerMergeResult> =>
      mergeCustomers(db, caller, input),

    /** Undoes a merge. @throws InvalidInput, NOT_FOUND, CONFLICT */
    unmerge: (caller: Caller, input: UnmergeCustomersInput): Promise<UnmergedCustomers> =>
      unmergeCustomers(db, caller, input),

    /** Creates a contact, or returns the one with this e-mail address, unchanged. @throws InvalidInput */
    async createContact(caller: Caller, input: CreateContactInput): Promise<CustomerWrite> {
      const fields = parseInput(createContactInput, input);
      return db.transaction((tx) => findOrCreateContact(tx, caller, fields, 'API'));
    },

    /** Writes the given fields. @throws InvalidInput, NOT_FOUND, CONFLICT for `ifVersion` or the e-mail. */
    async updateContact(caller: Caller, input: UpdateContactInput): Promise<ChangedCustomer> {
      const { id, ifVersion, ...fields } = parseInput(updateContactInput, input);
      return change(caller, { id, ifVersion }, () => fields, 'Contact');
    },

    /** Archives the contact, or restores it. @throws NOT_FOUND, CONFLICT for `ifVersion`. */
    async archiveContact(caller: Caller, input: ContactInput, archived: boolean): Promise<ChangedCustomer> {
      const archivedAtOf = (contact: Customer) => (archived ? (contact.archivedAt ?? new Date()) : null);
      const which = parseInput(contactInput, input);
      return change(caller, which, (contact) => ({ archivedAt: archivedAtOf(contact) }), 'Contact');
    },
  };
}

/**
 * The contact with this e-mail address, created when there is none. It is locked, so that it cannot be merged or deleted
 * before the transaction ends.
 */
export async function findOrCreateContact(
  tx: Transaction,
  caller: Caller,
  fields: z.output<typeof createContactInput>,
  source: CustomerSource,
): Promise<CustomerWrite> {
  const find = async (): Promise<CustomerWrite | null> => {
    const { byEmail } = await lockIdentified(tx, caller, { email: fields.email });
    return byEmail ? { customer: byEmail.customer, result: 'UNCHANGED', changedFields: [] } : null;
  };
  const written = (await find()) ?? (await insertNew(tx, caller, fields, source)) ?? (await find());
  if (!written) throw underWay(['email']);
  return written;
}

/** A new contact of whom only the name is known. */
export async function createNamedContact(tx: Transaction, caller: Caller, name: string): Promise<Customer> {
  const written = await insertNew(tx, caller, { name }, 'API');
  if (!written) throw underWay(['name']);
  return written.customer;
}

async function insertNew(tx: Transaction, caller: Caller, fields: CustomerFields, source: CustomerSource) {
  await requireFree(tx, caller, fields.otherEmails ?? []);
  const customer = await insertCustomer(tx, caller, fields, source);
  return customer && { customer, result: 'CREATED' as const, changedFields: given(fields) };
}

/**
 * Null when no customer has the externalId or the e-mail.
 * @throws CONFLICT when one has, but is not a contact to adopt.
 */
async function adopt(tx: Transaction, caller: Caller, fields: CustomerFields): Promise<CreatedCustomer | null> {
  const { byExternalId, byEmail } = await lockIdentified(tx, caller, fields);
  if (byExternalId) throw externalIdTaken(byExternalId.customer.id);
  const found = identify(fields, { byEmail });
  if (!found) return null;
  if (fields.externalId == null || found.customer.externalId !== null) throw emailTaken(found.customer.id);
  const { customer, changedFields } = await changeCustomer(tx, caller, found.customer, found.fields);
  return { customer, result: 'ADOPTED', changedFields };
}

const underWay = (path: readonly string[]): AppError =>
  new AppError('CONFLICT', 'Another change of this customer is under way.', { path, retryable: true });
