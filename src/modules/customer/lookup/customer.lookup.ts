import type { Caller } from '../../../auth/caller.js';
import { join, raw, type Sql, sql, type Transaction } from '../../../db/database.js';
import { readId } from '../../../db/global-id.js';
import { type Comparator, compares, type FilterField } from '../../../db/lists/filter.js';
import { customers } from '../../../db/reading/tables.js';
import { type AppError, conflict, notFound } from '../../../errors.js';
import type { Customer } from '../../../generated/prisma/client.js';
import { requireVersion } from '../../../lib/values/version.js';
import { idsByEmail } from './customer.emails.js';

/**
 * Finds the customer of an id, an externalId or an e-mail. Keys of a merged customer always lead to the survivor.
 * `mergedIntoId` holds the id of the final survivor, however long the chain of merges is, so one join within the same
 * statement finds it.
 */

/** The keys of a customer. */
export interface CustomerKey {
  id?: string | null | undefined;
  externalId?: string | null | undefined;
  email?: string | null | undefined;
}

/** A customer, and the row that has the key by which it was found: its own, or one that was merged into it. */
export interface NamedCustomer {
  customer: Customer;
  by: Pick<Customer, 'id' | 'uuid' | 'externalId' | 'email' | 'otherEmails'>;
  /** The addresses of `by` as the database compares them, the primary one first. */
  emailKeys: readonly string[];
}

type NamedRow = Customer & {
  namedId: string;
  namedUuid: string;
  namedExternalId: string | null;
  namedEmail: string | null;
  namedOtherEmails: string[];
  namedEmailKeys: string[];
};

/**
 * Locks the rows that match one of the conditions on the alias `named`, and their survivors. Rows are locked in the order
 * of the survivors' ids, so that two transactions that lock the same rows cannot deadlock. The result is also empty when
 * a row changed while this waited for its lock; the caller then tries once more.
 */
export async function lockNamed(
  tx: Transaction,
  { workspaceId }: Caller,
  anyOf: readonly Sql[],
): Promise<NamedCustomer[]> {
  if (anyOf.length === 0) return [];
  const rows = await tx.$queryRaw<NamedRow[]>(sql`SELECT ${customers.project().select('r')},
      named."id" AS "namedId", named."uuid" AS "namedUuid", named."externalId" AS "namedExternalId",
      named."email" AS "namedEmail", named."otherEmails" AS "namedOtherEmails",
      array_remove(lower(named."email") || string_to_array(lower("deskgraph_lines"(named."otherEmails")), E'\n'), NULL)
        AS "namedEmailKeys"
    FROM "Customer" AS named
    JOIN "Customer" AS r ON r."workspaceId" = named."workspaceId" AND r."id" = COALESCE(named."mergedIntoId", named."id")
    WHERE named."workspaceId" = ${workspaceId} AND (${join([...anyOf], ' OR ')})
    ORDER BY r."id", named."id" FOR UPDATE`);
  return rows.map(
    ({ namedId, namedUuid, namedExternalId, namedEmail, namedOtherEmails, namedEmailKeys, ...customer }) => {
      const names = { externalId: namedExternalId, email: namedEmail, otherEmails: namedOtherEmails };
      return { customer, by: { id: namedId, uuid: namedUuid, ...names }, emailKeys: namedEmailKeys };
    },
  );
}

/** E-mail addresses as the database compares them. JavaScript folds letters such as "İ" and "Σ" differently. */
export type EmailKeys = (email: string) => string;

/** Takes one statement, or none when all addresses are ASCII. */
export async function readEmailKeys(tx: Transaction, emails: readonly string[]): Promise<EmailKeys> {
  const others = [...new Set(emails)].filter((email) => !/^[ -~]*$/.test(email));
  const rows =
    others.length > 0
      ? await tx.$queryRaw<{ email: string; key: string }[]>(
          sql`SELECT e AS "email", lower(e) AS "key" FROM unnest(${others}::text[]) AS e`,
        )
      : [];
  const keys = new Map(rows.map(({ email, key }) => [email, key]));
  return (email) => keys.get(email) ?? email.toLowerCase();
}

const uuidForm = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** Whether a reference is a uuid, in lower case. */
export const isUuid = (ref: string): boolean => uuidForm.test(ref);

/**
 * The plain id of a customer from a global or plain id, or its uuid in lower case; no id looks like a uuid.
 * @throws BAD_USER_INPUT at `path`
 */
export function readIdOrUuid(value: string, path: readonly (string | number)[]): string {
  const lower = value.toLowerCase();
  return uuidForm.test(lower) ? lower : readId('Customer', value, path);
}

/** A reference to one customer: the plain id or the uuid, or the externalId. */
export type CustomerRef = string | { externalId: string };

/** The condition that the row of this alias has the reference itself. */
export function matches(ref: CustomerRef, alias: 'r' | 'm' | 'named'): Sql {
  if (typeof ref !== 'string') return sql`${raw(alias)}."externalId" = ${ref.externalId}`;
  return uuidForm.test(ref) ? sql`${raw(alias)}."uuid" = ${ref}::uuid` : sql`${raw(alias)}."id" = ${ref}`;
}

export interface LockOptions {
  /** The path of the reference in the input. */
  path: readonly string[];
  /** The word for the customer in error messages. */
  what?: 'Customer' | 'Contact';
  ifVersion?: number | null | undefined;
  /** Whether a customer without an externalId counts as not found. */
  onlyIdentified?: boolean | null | undefined;
}

/**
 * The customer of the reference, locked until the transaction ends. Every change of one customer begins with it.
 * @throws NOT_FOUND when there is none or it was deleted; CONFLICT for `ifVersion`.
 */
export async function lockCustomer(
  tx: Transaction,
  caller: Caller,
  ref: CustomerRef,
  { path, what = 'Customer', ifVersion, onlyIdentified }: LockOptions,
): Promise<Customer> {
  const condition = [matches(ref, 'named')];
  let [found] = await lockNamed(tx, caller, condition);
  // It may have been merged while this waited for the lock. The next statement finds the survivor.
  if (!found) [found] = await lockNamed(tx, caller, condition);
  if (!found || found.customer.deletedAt !== null || (onlyIdentified && found.customer.externalId === null))
    throw notFound(what, path);
  requireVersion('customer', found.customer, ifVersion);
  return found.customer;
}

/** The customers with an externalId and with an e-mail. They can be different ones or missing. */
export interface Identified {
  byExternalId?: NamedCustomer | undefined;
  byEmail?: MailedCustomer | undefined;
}

/** A customer found by an e-mail, and whether the primary address of `by` is a different one. */
export interface MailedCustomer extends NamedCustomer {
  isOther: boolean;
}

/** The first of the customers that has the address, given as the database compares it. */
export function mailedAmong(found: readonly NamedCustomer[], emailKey: string): MailedCustomer | undefined {
  const named = found.find(({ emailKeys }) => emailKeys.includes(emailKey));
  return named && { ...named, isOther: named.emailKeys[0] !== emailKey };
}

/** Locks the customers with the externalId and with the e-mail. */
export async function lockIdentified(tx: Transaction, caller: Caller, key: CustomerKey): Promise<Identified> {
  const found = await lockNamed(tx, caller, identityConditions(caller, key, 'named'));
  const emailKey = key.email == null ? undefined : (await readEmailKeys(tx, [key.email]))(key.email);
  return {
    byExternalId: found.find(({ by }) => key.externalId != null && by.externalId === key.externalId),
    byEmail: emailKey === undefined ? undefined : mailedAmong(found, emailKey),
  };
}

/** Conditions on an alias of the customer table, one for each given key. */
export const identityConditions = (
  { workspaceId }: Pick<Caller, 'workspaceId'>,
  { externalId, email }: CustomerKey,
  alias: 'r' | 'named',
): Sql[] => [
  ...(externalId != null ? [sql`${raw(alias)}."externalId" = ${externalId}`] : []),
  ...(email != null ? [sql`${raw(alias)}."id" = (${idsByEmail(workspaceId, sql`= lower(${email})`)})`] : []),
];

/**
 * The customer that an upsert of these fields changes, with the fields to write. An externalId or e-mail of a customer
 * that was merged into it stays with the merged row, and one of its other addresses does not become the primary one. Null
 * when there is none.
 * @throws CONFLICT when the e-mail belongs to a customer with another externalId.
 */
export function identify<Fields extends CustomerKey>(
  fields: Fields,
  { byExternalId, byEmail }: Identified,
): { customer: Customer; fields: Fields } | null {
  const named = byExternalId?.customer;
  const mailed = byEmail?.customer;
  if (mailed && fields.externalId != null && mailed.id !== named?.id && (named || mailed.externalId !== null)) {
    throw emailTaken(mailed.id);
  }
  const customer = named ?? mailed;
  if (!customer) return null;
  const own = { ...fields };
  if (byExternalId && byExternalId.by.id !== customer.id) delete own.externalId;
  if (byEmail && (byEmail.by.id !== customer.id || byEmail.isOther)) delete own.email;
  return { customer, fields: own };
}

export const externalIdTaken = (id: string | undefined): AppError =>
  conflict(['externalId'], `Another customer has this externalId${id === undefined ? '' : `: ${id}`}.`, id);

export const emailTaken = (id: string | undefined, field: 'email' | 'otherEmails' = 'email'): AppError =>
  conflict([field], `Another customer has this email${id === undefined ? '' : `: ${id}`}.`, id);

/** The plain id of the customer with this uuid, as a statement; null when there is none. */
export const idOfUuid = (workspaceId: string, uuid: string): Sql =>
  sql`(SELECT u."id" FROM "Customer" AS u WHERE u."workspaceId" = ${workspaceId} AND u."uuid" = ${uuid}::uuid)`;

/** Customer ids in a filter; those of merged customers lead to the survivor. */
export const customerIdField = (column: string, description: string): FilterField<Comparator<string>> => ({
  operand: 'ID',
  description,
  condition: compares<string>(
    raw(`r."${column}"`),
    'text',
    (value, path, workspaceId) => {
      const ref = readIdOrUuid(value, path);
      return isUuid(ref) ? idOfUuid(workspaceId, ref) : ref;
    },
    (condition, workspaceId) => sql`SELECT COALESCE(m."mergedIntoId", m."id") FROM "Customer" AS m
      WHERE m."workspaceId" = ${workspaceId} AND m."id" ${condition}`,
  ),
});
