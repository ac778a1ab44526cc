import type { Caller } from '../../auth/caller.js';
import { type Database, type Sql, sql, type Transaction } from '../../db/database.js';
import { readRow } from '../../db/reading/rows.js';
import { customers } from '../../db/reading/tables.js';
import { orTaken } from '../../db/writing/unique.js';
import type { AppError } from '../../errors.js';
import type { Customer } from '../../generated/prisma/client.js';
import { type CustomerChange, changeCustomer } from './customer.writes.js';
import type { CustomerIdentity } from './lookup/customer.directory.js';
import {
  type CustomerRef,
  emailTaken,
  externalIdTaken,
  identityConditions,
  type LockOptions,
  lockCustomer,
  lockNamed,
} from './lookup/customer.lookup.js';

/** The result of a change of one customer. */
export type ChangedCustomer = Awaited<ReturnType<typeof changeCustomer>>;

/**
 * Locks the customer of the reference and writes the fields that `fieldsFor` returns for it.
 * @throws NOT_FOUND, CONFLICT for `ifVersion`, the externalId or e-mail.
 */
export async function changeNamed(
  db: Database,
  caller: Caller,
  ref: CustomerRef,
  options: LockOptions,
  fieldsFor: (customer: Customer) => CustomerChange,
): Promise<ChangedCustomer> {
  let key: CustomerIdentity = {};
  const work = async (tx: Transaction): Promise<ChangedCustomer> => {
    const customer = await lockCustomer(tx, caller, ref, options);
    const fields = fieldsFor(customer);
    key = { ...fields, id: customer.id };
    return changeCustomer(tx, caller, customer, fields);
  };
  return orTaken(
    () => db.transaction(work),
    () => takenBy(db, caller, key),
  );
}

/** The error for a write that violated a unique index: it names the customer that has the externalId or e-mail of `key`. */
export async function takenBy(db: Database, caller: Caller, key: CustomerIdentity): Promise<AppError> {
  const holder = async (condition: Sql | undefined): Promise<Customer | null> =>
    condition ? readRow(db, customers, sql`r."workspaceId" = ${caller.workspaceId} AND ${condition}`) : null;
  const byEmail = await holder(identityConditions(caller, { email: key.email }, 'r')[0]);
  const own = key.id ?? byEmail?.id;
  const byExternalId = await holder(identityConditions(caller, { externalId: key.externalId }, 'r')[0]);
  if (byExternalId && byExternalId.id !== own) return externalIdTaken(byExternalId.mergedIntoId ?? byExternalId.id);
  if (!byEmail || byEmail.id === own) {
    for (const email of key.otherEmails ?? []) {
      const other = await holder(identityConditions(caller, { email }, 'r')[0]);
      if (other && other.id !== own) return emailTaken(other.mergedIntoId ?? other.id, 'otherEmails');
    }
  }
  return emailTaken(byEmail?.mergedIntoId ?? byEmail?.id);
}

/** @throws CONFLICT if a customer has one of the addresses that a new one is to have beside its primary one. */
export async function requireFree(tx: Transaction, caller: Caller, emails: readonly string[]): Promise<void> {
  const conditions = emails.flatMap((email) => identityConditions(caller, { email }, 'named'));
  const [holder] = await lockNamed(tx, caller, conditions);
  if (holder) throw emailTaken(holder.customer.id, 'otherEmails');
}
