import type { z } from 'zod';
import type { Caller } from '../../auth/caller.js';
import { type Database, join, sql, type Transaction } from '../../db/database.js';
import { countRows } from '../../db/lists/counts.js';
import { listingOf, listReader } from '../../db/lists/listing.js';
import { readRow } from '../../db/reading/rows.js';
import { customers } from '../../db/reading/tables.js';
import { Overtaken } from '../../db/writing/import-batch.js';
import { rerunWhenOvertaken } from '../../db/writing/rerun.js';
import { notFound } from '../../errors.js';
import type { Customer } from '../../generated/prisma/client.js';
import { parseInput } from '../../lib/values/validation.js';
import { claimLocked, haveSameOwners, lockClicks, readClicks } from '../click/click.rows.js';
import { type ChangedCustomer, changeNamed } from '../customer/customer.change.js';
import { type CustomerWrite, changeCustomer, given, insertCustomer } from '../customer/customer.writes.js';
import {
  type DeletedCustomer,
  deleteNamed,
  type KeptElsewhere,
  nothingElsewhere,
} from '../customer/deletion/customer.deletion.js';
import { CustomerDirectory } from '../customer/lookup/customer.directory.js';
import {
  type CustomerRef,
  identify,
  type LockOptions,
  matches,
  readIdOrUuid,
} from '../customer/lookup/customer.lookup.js';
import { type TrackedCustomerFilter, trackedCustomerList } from './tracked-customer.fields.js';
import {
  type DeleteTrackedCustomerInput,
  deleteTrackedCustomerInput,
  type TrackedCustomerKey,
  trackedCustomerKey,
  type UpdateTrackedCustomerInput,
  type UpsertTrackedCustomerInput,
  updateTrackedCustomerInput,
  upsertTrackedCustomerInput,
} from './tracked-customer.input.js';

export interface UpsertedTrackedCustomer extends CustomerWrite {
  /** Whether the click was assigned to the customer now; null when no clickId was given. */
  clickClaimed: boolean | null;
}

/** Customers in revenue tracking: those who have an externalId. Others are treated as not found. */
export function trackedCustomerService(db: Database, kept: KeptElsewhere = nothingElsewhere) {
  return {
    /** @throws BAD_USER_INPUT for an invalid argument. */
    list: listReader(db, trackedCustomerList),

    /** The number of rows of the list with this filter. @throws BAD_USER_INPUT for an invalid filter. */
    async count({ workspaceId }: Caller, filter: TrackedCustomerFilter | null | undefined): Promise<number> {
      const { table, where } = listingOf(trackedCustomerList, workspaceId, { filter });
      return countRows(db, table, where);
    },

    /** The customer with the one key that is given; null when there is none. @throws InvalidInput */
    async get({ workspaceId }: Caller, key: TrackedCustomerKey): Promise<Customer | null> {
      const ref = refOf(parseInput(trackedCustomerKey, key), []);
      const conditions = [
        sql`r."workspaceId" = ${workspaceId} AND r."deletedAt" IS NULL AND r."externalId" IS NOT NULL`,
        // The keys of a merged customer lead to the survivor.
        sql`r."id" = (SELECT COALESCE(m."mergedIntoId", m."id") FROM "Customer" AS m
          WHERE m."workspaceId" = ${workspaceId} AND ${matches(ref, 'm')})`,
      ];
      return readRow(db, customers, join(conditions, ' AND '));
    },

    /**
     * Creates the customer with the externalId or writes the given fields of it. If nobody has the externalId, a customer
     * without one takes it: the one with the e-mail, else the one who made the click. A click without a customer is
     * assigned to the customer.
     * @throws InvalidInput, NOT_FOUND for the click, CONFLICT when another customer has the e-mail.
     */
    async upsert(caller: Caller, input: UpsertTrackedCustomerInput): Promise<UpsertedTrackedCustomer> {
      const fields = parseInput(upsertTrackedCustomerInput, input);
      return rerunWhenOvertaken(db, [], (tx) => upsert(tx, caller, fields));
    },

    /** Writes the given fields. @throws InvalidInput, NOT_FOUND, CONFLICT for `ifVersion`, the externalId or e-mail. */
    async update(caller: Caller, input: UpdateTrackedCustomerInput): Promise<ChangedCustomer> {
      const { which, ifVersion, ...fields } = parseInput(updateTrackedCustomerInput, input);
      return changeNamed(db, caller, refOf(which, ['which']), lockOptions(which, ifVersion), () => fields);
    },

    /** Scrubs the customer; its conversions and conversations stay. @throws InvalidInput, NOT_FOUND, CONFLICT */
    async delete(caller: Caller, input: DeleteTrackedCustomerInput): Promise<DeletedCustomer> {
      const { which, ifVersion } = parseInput(deleteTrackedCustomerInput, input);
      return deleteNamed(db, caller, refOf(which, ['which']), 'SCRUB', lockOptions(which, ifVersion), kept);
    },
  };
}

type Which = z.output<typeof trackedCustomerKey>;

/** @throws BAD_USER_INPUT for an id that is not one of a customer. */
function refOf({ id, externalId }: Which, path: readonly string[]): CustomerRef {
  return id == null ? { externalId: externalId ?? '' } : readIdOrUuid(id, [...path, 'id']);
}

const lockOptions = ({ id }: Which, ifVersion: number | null | undefined): LockOptions => ({
  path: ['which', id == null ? 'externalId' : 'id'],
  ifVersion,
  onlyIdentified: true,
});

async function upsert(
  tx: Transaction,
  caller: Caller,
  { clickId, ...fields }: z.output<typeof upsertTrackedCustomerInput>,
): Promise<UpsertedTrackedCustomer> {
  const { workspaceId } = caller;
  const clickIds = clickId == null ? [] : [clickId];
  const before = await readClicks(tx, workspaceId, clickIds);
  if (before.length < clickIds.length) throw notFound('Click', ['clickId']);
  const owners = before.flatMap(({ customerId }) => (customerId === null ? [] : { id: customerId }));
  const directory = await CustomerDirectory.open(tx, caller, [fields, ...owners], { allExist: true });
  const [click, ...others] = await lockClicks(tx, workspaceId, clickIds);
  if (!haveSameOwners(before, click ? [click, ...others] : [])) throw new Overtaken();

  const owner = owners[0] && directory.withId(owners[0].id)?.customer;
  const isUnidentified = owner?.deletedAt === null && owner.externalId === null;
  const known = isUnidentified && (owner.email === null || fields.email == null) ? { customer: owner, fields } : null;
  const found = identify(fields, directory.withNames(fields)) ?? known;
  const written = found
    ? await changeCustomer(tx, caller, found.customer, found.fields)
    : await create(tx, caller, fields);
  const isClaimed = click?.customerId === null;
  if (isClaimed) await claimLocked(tx, caller, click, written.customer.id);
  return { ...written, clickClaimed: click ? isClaimed : null };
}

/** @throws Overtaken when another transaction has written the externalId or the e-mail. */
async function create(
  tx: Transaction,
  caller: Caller,
  fields: Parameters<typeof insertCustomer>[2],
): Promise<CustomerWrite> {
  const customer = await insertCustomer(tx, caller, fields, 'API');
  if (!customer) throw new Overtaken();
  return { customer, result: 'CREATED', changedFields: given(fields) };
}
