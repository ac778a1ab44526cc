import { sql, type Transaction } from '../../db/database.js';
import { newId } from '../../db/ids.js';
import { insertRows } from '../../db/insert.js';
import { conflict } from '../../errors.js';
import type { Customer } from '../../generated/prisma/client.js';
import type { NewEvent } from '../events/event.service.js';
import type { Caller } from '../workspace/caller.js';
import { lockNamed, type NamedCustomer } from './customer.naming.js';

/** Who is meant: by externalId, else by e-mail; one of them is given. */
export interface ImportedIdentity {
  externalId?: string | null | undefined;
  email?: string | null | undefined;
  name?: string | null | undefined;
}

export type KnownCustomer = Pick<Customer, 'id' | 'externalId' | 'email' | 'name' | 'deletedAt'>;

export interface TakenCustomer {
  customer: KnownCustomer;
  result: 'CREATED' | 'UPDATED' | 'UNCHANGED';
  /** What is to be recorded of it, in the transaction that `write` is called in. */
  events: NewEvent[];
}

/** Somebody else wrote a row since it was found missing; the transaction is to be undone and run again. */
export class Overtaken extends Error {
  override readonly name = 'Overtaken';
}

export type CustomerBook = Awaited<ReturnType<typeof openCustomerBook>>;

/**
 * The customers that a batch of imported rows speaks of, read and locked with one statement and written with two.
 * In between the book answers from memory, also for customers that earlier rows of the batch create.
 */
export async function openCustomerBook(tx: Transaction, caller: Caller, wanted: readonly ImportedIdentity[]) {
  const { workspaceId } = caller;
  const byExternalId = new Map<string, KnownCustomer>();
  const byEmail = new Map<string, KnownCustomer>();
  const created: KnownCustomer[] = [];
  const adopted: KnownCustomer[] = [];

  const enter = (customer: KnownCustomer): void => {
    if (customer.externalId !== null) byExternalId.set(customer.externalId, customer);
    if (customer.email !== null) byEmail.set(customer.email.toLowerCase(), customer);
  };
  const locked = new Map<string, KnownCustomer>();
  for (const { customer: row, by } of await lockCustomers(tx, caller, wanted)) {
    const customer = locked.get(row.id) ?? row;
    locked.set(row.id, customer);
    // The names of a customer that was merged into this one lead here, but stay with that one.
    if (by.externalId !== null) byExternalId.set(by.externalId, customer);
    if (by.email !== null) byEmail.set(by.email.toLowerCase(), customer);
  }

  /**
   * The customer that is meant; null when there is none.
   * @throws CONFLICT when the e-mail is that of somebody with another externalId, or the customer was deleted.
   */
  const find = ({ externalId, email }: ImportedIdentity): KnownCustomer | null => {
    const named = externalId == null ? undefined : byExternalId.get(externalId);
    const mailed = email == null ? undefined : byEmail.get(email.toLowerCase());
    if (mailed && externalId != null && mailed !== named && (named || mailed.externalId !== null)) {
      throw conflict(['customer', 'email'], `Another customer has this email: ${mailed.id}.`, mailed.id);
    }
    const found = named ?? mailed ?? null;
    if (found?.deletedAt) throw conflict(['customer'], `This customer was deleted: ${found.id}.`, found.id);
    return found;
  };

  return {
    find,

    /**
     * The customer that is meant, entered as a new one when there is none. One that is there keeps what it has, and
     * takes the externalId if it has none.
     * @throws CONFLICT as `find` does.
     */
    take({ externalId = null, email = null, name = null }: ImportedIdentity): TakenCustomer {
      const found = find({ externalId, email });
      if (!found) {
        const customer = { id: newId('Customer'), externalId, email, name, deletedAt: null };
        created.push(customer);
        enter(customer);
        const data = { after: { externalId, email, name, metadata: {} } };
        return { customer, result: 'CREATED', events: [{ type: 'customer.created', entityId: customer.id, data }] };
      }
      const isNamed = externalId === null || byExternalId.has(externalId);
      if (found.externalId !== null || isNamed) return { customer: found, result: 'UNCHANGED', events: [] };
      found.externalId = externalId;
      enter(found);
      adopted.push(found);
      const data = { before: { externalId: null }, after: { externalId } };
      return { customer: found, result: 'UPDATED', events: [{ type: 'customer.updated', entityId: found.id, data }] };
    },

    /** Writes what was entered. @throws Overtaken; a unique violation says the same of an adopted externalId. */
    async write(): Promise<void> {
      const rows = created.map(({ id, externalId, email, name }) => {
        return { workspaceId, id, externalId, email, name, source: 'IMPORT' as const };
      });
      if ((await insertRows(tx, 'Customer', rows)) < rows.length) throw new Overtaken();
      for (const { id, externalId } of adopted) {
        await tx.customer.update({
          where: { workspaceId_id: { workspaceId, id } },
          data: { externalId, version: { increment: 1 }, updatedAt: new Date() },
        });
      }
    },
  };
}

function lockCustomers(tx: Transaction, caller: Caller, wanted: readonly ImportedIdentity[]): Promise<NamedCustomer[]> {
  const externalIds = wanted.flatMap(({ externalId }) => externalId ?? []);
  const emails = wanted.flatMap(({ email }) => email?.toLowerCase() ?? []);
  return lockNamed(tx, caller, [
    ...(externalIds.length > 0 ? [sql`named."externalId" = ANY(${externalIds}::text[])`] : []),
    ...(emails.length > 0 ? [sql`lower(named."email") = ANY(${emails}::text[])`] : []),
  ]);
}
