import type { Caller } from '../../../auth/caller.js';
import { type Sql, sql, type Transaction } from '../../../db/database.js';
import { conflict } from '../../../errors.js';
import type { Customer } from '../../../generated/prisma/client.js';
import { type Emails, idsByEmail } from './customer.emails.js';
import {
  type CustomerKey,
  type EmailKeys,
  type Identified,
  identify,
  isUuid,
  lockNamed,
  mailedAmong,
  type NamedCustomer,
  readEmailKeys,
} from './customer.lookup.js';

/** The keys of a customer in an imported row. */
export interface CustomerIdentity extends CustomerKey {
  /** Unique, like the other keys, but not used to find a customer. */
  uuid?: string | null | undefined;
  otherEmails?: readonly string[] | undefined;
}

/** A customer to enter. Without `emailKeys` its addresses are folded in the same way as the wanted ones. */
type Entry = Omit<NamedCustomer, 'emailKeys'> & Partial<NamedCustomer>;

/**
 * The customers of a batch, read and locked with one statement. Look-ups use memory only and see what earlier items of
 * the batch added or changed. Each customer is one object, found by all of its keys and by the keys of customers that
 * were merged into it.
 */
export class CustomerDirectory {
  /** The stored customers, as they were before the batch. */
  readonly stored = new Map<string, Customer>();
  private readonly byId = new Map<string, NamedCustomer>();
  private readonly byUuid = new Map<string, NamedCustomer>();
  private readonly byExternalId = new Map<string, NamedCustomer>();
  private readonly byEmail = new Map<string, NamedCustomer>();

  private constructor(
    locked: readonly NamedCustomer[],
    private readonly emailKey: EmailKeys,
  ) {
    const customers = new Map<string, Customer>();
    for (const { customer: row, by, emailKeys } of locked) {
      const customer = customers.get(row.id) ?? row;
      customers.set(row.id, customer);
      this.stored.set(row.id, { ...row });
      this.enter({ customer, by: by.id === customer.id ? customer : by, emailKeys });
    }
  }

  /** `allExist` says that every id is expected to exist, so missing ids are read a second time. */
  static async open(
    tx: Transaction,
    caller: Caller,
    wanted: readonly CustomerIdentity[],
    { allExist = false } = {},
  ): Promise<CustomerDirectory> {
    const refs = wanted.flatMap(({ id }) => id ?? []);
    const ids = refs.filter((ref) => !isUuid(ref));
    const uuids = [...wanted.flatMap(({ uuid }) => uuid ?? []), ...refs.filter(isUuid)];
    const externalIds = wanted.flatMap(({ externalId }) => externalId ?? []);
    const given = wanted.flatMap(({ email, otherEmails = [] }) => [...(email == null ? [] : [email]), ...otherEmails]);
    const emailKey = await readEmailKeys(tx, given);
    const emails = given.map(emailKey);
    const among = (column: Sql, values: readonly string[], type: Sql): Sql[] =>
      values.length > 0 ? [sql`${column} = ANY(${values}::${type}[])`] : [];
    const lock = () =>
      lockNamed(tx, caller, [
        ...among(sql`named."id"`, ids, sql`text`),
        ...among(sql`named."uuid"`, uuids, sql`uuid`),
        ...among(sql`named."externalId"`, externalIds, sql`text`),
        ...(emails.length > 0
          ? [sql`named."id" = ANY(ARRAY(${idsByEmail(caller.workspaceId, sql`= ANY(${emails}::text[])`)}))`]
          : []),
      ]);
    const found = await lock();
    const known = new Set(found.flatMap(({ by }) => [by.id, by.uuid]));
    // A customer may have been merged while this waited for the lock. The next statement finds the survivor.
    const again = allExist && !refs.every((ref) => known.has(ref));
    return new CustomerDirectory(again ? await lock() : found, emailKey);
  }

  /** Adds the customer under all keys of `by`. */
  enter({ customer, by, emailKeys = this.keysOf(by) }: Entry): void {
    const named = { customer, by, emailKeys };
    const { id, uuid, externalId } = named.by;
    this.byId.set(id, named);
    this.byUuid.set(uuid, named);
    if (externalId !== null) this.byExternalId.set(externalId, named);
    for (const emailKey of emailKeys) this.byEmail.set(emailKey, named);
  }

  /** Changes the fields of a customer of the directory. */
  change(customer: Customer, fields: Partial<Customer>): void {
    if ('externalId' in fields && customer.externalId !== null) this.byExternalId.delete(customer.externalId);
    if ('email' in fields || 'otherEmails' in fields) {
      for (const former of this.keysOf(customer)) this.byEmail.delete(former);
    }
    Object.assign(customer, fields);
    this.enter({ customer, by: customer });
  }

  private keysOf({ email, otherEmails }: Emails): string[] {
    return [...(email === null ? [] : [email]), ...otherEmails].map(this.emailKey);
  }

  /** By its plain id or its uuid. */
  withId = (ref: string): NamedCustomer | undefined => (isUuid(ref) ? this.byUuid.get(ref) : this.byId.get(ref));

  withUuid = (uuid: string): NamedCustomer | undefined => this.byUuid.get(uuid);

  /** The customers with the externalId and with the e-mail. */
  withNames({ externalId, email }: CustomerKey): Identified {
    const emailKey = email == null ? undefined : this.emailKey(email);
    const named = emailKey === undefined ? undefined : this.byEmail.get(emailKey);
    return {
      byExternalId: externalId == null ? undefined : this.byExternalId.get(externalId),
      byEmail: emailKey === undefined || !named ? undefined : mailedAmong([named], emailKey),
    };
  }

  /**
   * The customer of an imported row: by externalId, else by e-mail, else by id when its other keys do not differ; with
   * the fields to write, as in `identify`. Null when there is none, and then id and uuid are free.
   * @throws CONFLICT when one of the keys belongs to another customer, or the customer was deleted.
   */
  meant<Fields extends CustomerKey>(
    fields: Fields,
    { id, uuid }: CustomerIdentity,
  ): { customer: Customer; fields: Fields } | null {
    const found = identify(fields, this.withNames(fields));
    const held = id == null ? undefined : this.withId(id)?.customer;
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
