import type { Caller } from '../../../auth/caller.js';
import { type Sql, sql, type Transaction } from '../../../db/database.js';
import { conflict } from '../../../errors.js';
import type { Customer } from '../../../generated/prisma/client.js';
import { type CustomerKey, type Identified, identify, lockNamed, type NamedCustomer } from './customer.lookup.js';

/** How a row of a file names a customer. */
export interface CustomerIdentity extends CustomerKey {
  /** Leads to nobody, but no two customers may have the same. */
  uuid?: string | null | undefined;
}

/**
 * The customers that a batch speaks of, read and locked with one statement. It answers from memory, also for those
 * that earlier items of the batch have entered or renamed. One that is named in several ways is one object, which all
 * of its names lead to, and so do those of customers that were merged into it.
 */
export class CustomerDirectory {
  /** Those that were there, as they were. */
  readonly stored = new Map<string, Customer>();
  private readonly byId = new Map<string, NamedCustomer>();
  private readonly byUuid = new Map<string, NamedCustomer>();
  private readonly byExternalId = new Map<string, NamedCustomer>();
  private readonly byEmail = new Map<string, NamedCustomer>();

  private constructor(locked: readonly NamedCustomer[]) {
    const customers = new Map<string, Customer>();
    for (const { customer: row, by } of locked) {
      const customer = customers.get(row.id) ?? row;
      customers.set(row.id, customer);
      this.stored.set(row.id, { ...row });
      this.enter({ customer, by: by.id === customer.id ? customer : by });
    }
  }

  /** `allExist` says that the ids should be there, so that one that is missing is worth a second look. */
  static async open(
    tx: Transaction,
    caller: Caller,
    wanted: readonly CustomerIdentity[],
    { allExist = false } = {},
  ): Promise<CustomerDirectory> {
    const ids = wanted.flatMap(({ id }) => id ?? []);
    const uuids = wanted.flatMap(({ uuid }) => uuid ?? []);
    const externalIds = wanted.flatMap(({ externalId }) => externalId ?? []);
    const emails = wanted.flatMap(({ email }) => email?.toLowerCase() ?? []);
    const among = (column: Sql, values: readonly string[], type: Sql): Sql[] =>
      values.length > 0 ? [sql`${column} = ANY(${values}::${type}[])`] : [];
    const lock = () =>
      lockNamed(tx, caller, [
        ...among(sql`named."id"`, ids, sql`text`),
        ...among(sql`named."uuid"`, uuids, sql`uuid`),
        ...among(sql`named."externalId"`, externalIds, sql`text`),
        ...among(sql`lower(named."email")`, emails, sql`text`),
      ]);
    const found = await lock();
    const known = new Set(found.map(({ by }) => by.id));
    // One that an id names may have been merged while we waited; the next statement sees where it went.
    const again = allExist && !ids.every((id) => known.has(id));
    return new CustomerDirectory(again ? await lock() : found);
  }

  /** Makes everything that `by` is called lead to the customer. */
  enter(named: NamedCustomer): void {
    const { id, uuid, externalId, email } = named.by;
    this.byId.set(id, named);
    this.byUuid.set(uuid, named);
    if (externalId !== null) this.byExternalId.set(externalId, named);
    if (email !== null) this.byEmail.set(email.toLowerCase(), named);
  }

  /** Writes the fields into a customer that was entered. */
  change(customer: Customer, fields: Partial<Customer>): void {
    if ('externalId' in fields && customer.externalId !== null) this.byExternalId.delete(customer.externalId);
    if ('email' in fields && customer.email !== null) this.byEmail.delete(customer.email.toLowerCase());
    Object.assign(customer, fields);
    this.enter({ customer, by: customer });
  }

  withId = (id: string): NamedCustomer | undefined => this.byId.get(id);

  withUuid = (uuid: string): NamedCustomer | undefined => this.byUuid.get(uuid);

  /** Whom the externalId and the e-mail name. */
  withNames({ externalId, email }: CustomerKey): Identified {
    return {
      byExternalId: externalId == null ? undefined : this.byExternalId.get(externalId),
      byEmail: email == null ? undefined : this.byEmail.get(email.toLowerCase()),
    };
  }

  /**
   * Whom a row of a file means, by externalId, else by e-mail, and by id only one that has no other of these names;
   * with what is to be written of it, as `identify` does it. Null when there is nobody, and then id and uuid are free.
   * @throws CONFLICT when one of the names is another customer's, or the customer was deleted.
   */
  meant<Fields extends CustomerKey>(
    fields: Fields,
    { id, uuid }: CustomerIdentity,
  ): { customer: Customer; fields: Fields } | null {
    const found = identify(fields, this.withNames(fields));
    const held = id == null ? undefined : this.byId.get(id)?.customer;
    if (held && held !== found?.customer) {
      const isOther = (name: 'externalId' | 'email') => fields[name] != null && held[name] !== null;
      if (found || isOther('externalId') || isOther('email'))
        throw conflict(['id'], `Another customer has this id: ${held.id}.`, held.id);
    }
    const meant = found ?? (held ? { customer: held, fields } : null);
    if (meant?.customer.deletedAt) {
      throw conflict([], `This customer was deleted: ${meant.customer.id}.`, meant.customer.id);
    }
    const twin = meant || uuid == null ? undefined : this.byUuid.get(uuid);
    if (twin) throw uuidTaken(twin.customer.id);
    return meant;
  }
}

export const uuidTaken = (id: string) => conflict(['uuid'], `Another customer has this uuid: ${id}.`, id);
