import type { Caller } from '../../../auth/caller.js';
import { join, raw, type Sql, sql, type Transaction } from '../../../db/database.js';
import { readId } from '../../../db/global-id.js';
import { type Comparator, compares, type FilterField } from '../../../db/lists/filter.js';
import { customers } from '../../../db/reading/tables.js';
import { AppError, conflict, notFound } from '../../../errors.js';
import type { Customer } from '../../../generated/prisma/client.js';

/**
 * Who is meant by an id, an externalId or an e-mail. Those of a customer that was merged into another name the
 * survivor for ever. `mergedIntoId` always names the survivor itself, however long the chain of merges, so one step
 * leads there; it is taken inside the statement that looks the customer up anyway.
 */

/** How a customer can be named. */
export interface CustomerKey {
  id?: string | null | undefined;
  externalId?: string | null | undefined;
  email?: string | null | undefined;
}

/** A customer, and the row that bears the name it was found by: its own, or one that was merged into it. */
export interface NamedCustomer {
  customer: Customer;
  by: Pick<Customer, 'id' | 'uuid' | 'externalId' | 'email'>;
}

type NamedRow = Customer & {
  namedId: string;
  namedUuid: string;
  namedExternalId: string | null;
  namedEmail: string | null;
};

/**
 * Locks the rows that meet one of the conditions, which are over the alias `named`, and the survivors that they stand
 * for. Rows are locked in the order of the survivors' ids, so that two callers who lock the same ones wait for each
 * other in one direction. Empty also when what was found has changed while this waited for it: look again then.
 */
export async function lockNamed(
  tx: Transaction,
  { workspaceId }: Caller,
  anyOf: readonly Sql[],
): Promise<NamedCustomer[]> {
  if (anyOf.length === 0) return [];
  const rows = await tx.$queryRaw<NamedRow[]>(sql`SELECT ${customers.project().select('r')},
      named."id" AS "namedId", named."uuid" AS "namedUuid", named."externalId" AS "namedExternalId",
      named."email" AS "namedEmail"
    FROM "Customer" AS named
    JOIN "Customer" AS r ON r."workspaceId" = named."workspaceId" AND r."id" = COALESCE(named."mergedIntoId", named."id")
    WHERE named."workspaceId" = ${workspaceId} AND (${join([...anyOf], ' OR ')})
    ORDER BY r."id", named."id" FOR UPDATE`);
  return rows.map(({ namedId, namedUuid, namedExternalId, namedEmail, ...customer }) => {
    return { customer, by: { id: namedId, uuid: namedUuid, externalId: namedExternalId, email: namedEmail } };
  });
}

const uuidForm = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/**
 * The plain id of a customer from an id in either form, or the uuid that stands for it; no id looks like a uuid.
 * @throws BAD_USER_INPUT at `path`
 */
export function readIdOrUuid(value: string, path: readonly string[]): string {
  const lower = value.toLowerCase();
  return uuidForm.test(lower) ? lower : readId('Customer', value, path);
}

/** One customer: by the plain id or the uuid, or by the workspace's own. */
export type CustomerRef = string | { externalId: string };

/** Whether the row of this alias bears the name itself. */
export function bears(ref: CustomerRef, alias: 'r' | 'm' | 'named'): Sql {
  if (typeof ref !== 'string') return sql`${raw(alias)}."externalId" = ${ref.externalId}`;
  return uuidForm.test(ref) ? sql`${raw(alias)}."uuid" = ${ref}::uuid` : sql`${raw(alias)}."id" = ${ref}`;
}

export interface LockOptions {
  /** Where the input names it. */
  path: readonly string[];
  /** What the caller calls it. */
  what?: 'Customer' | 'Contact';
  ifVersion?: number | null | undefined;
  /** Whether one without an externalId is taken for none. */
  onlyIdentified?: boolean | null | undefined;
}

/**
 * The customer that the reference names, locked until the transaction ends: every change of one begins here.
 * @throws NOT_FOUND when there is none or it was deleted; CONFLICT when it is not at `ifVersion` any more.
 */
export async function lockCustomer(
  tx: Transaction,
  caller: Caller,
  ref: CustomerRef,
  { path, what = 'Customer', ifVersion, onlyIdentified }: LockOptions,
): Promise<Customer> {
  const condition = [bears(ref, 'named')];
  let [found] = await lockNamed(tx, caller, condition);
  // It may have been merged while we waited; the next statement sees where it went.
  if (!found) [found] = await lockNamed(tx, caller, condition);
  if (!found || found.customer.deletedAt !== null || (onlyIdentified && found.customer.externalId === null))
    throw notFound(what, path);
  requireVersion(found.customer, ifVersion);
  return found.customer;
}

/** @throws CONFLICT, to be retried with what is stored now, when the customer is not at this version. */
export function requireVersion({ id, version }: Customer, wanted: number | null | undefined, path = 'ifVersion'): void {
  if (wanted == null || wanted === version) return;
  const message = `The customer is at version ${version}, not ${wanted}: somebody changed it.`;
  throw new AppError('CONFLICT', message, { path: [path], conflictingId: id, retryable: true });
}

/** The customers that an externalId and an e-mail name, each of which may name another one or nobody. */
export interface Identified {
  byExternalId?: NamedCustomer | undefined;
  byEmail?: NamedCustomer | undefined;
}

/** Locks whom the externalId and the e-mail name. */
export async function lockIdentified(tx: Transaction, caller: Caller, key: CustomerKey): Promise<Identified> {
  const found = await lockNamed(tx, caller, identityConditions(key, 'named'));
  return {
    byExternalId: found.find(({ by }) => key.externalId != null && by.externalId === key.externalId),
    byEmail: found.find(({ by }) => key.email != null && by.email?.toLowerCase() === key.email.toLowerCase()),
  };
}

/** Conditions over an alias of the customer table, one per given name. */
export const identityConditions = ({ externalId, email }: CustomerKey, alias: 'r' | 'named'): Sql[] => [
  ...(externalId != null ? [sql`${raw(alias)}."externalId" = ${externalId}`] : []),
  ...(email != null ? [sql`lower(${raw(alias)}."email") = lower(${email})`] : []),
];

/**
 * The customer that an upsert of these fields means, with what is to be written of it: the externalId and the e-mail
 * of a customer that was merged into it stay with that one. Null when there is nobody.
 * @throws CONFLICT when the e-mail is that of somebody with another externalId.
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
  if (byEmail && byEmail.by.id !== customer.id) delete own.email;
  return { customer, fields: own };
}

export const externalIdTaken = (id: string | undefined): AppError =>
  conflict(['externalId'], `Another customer has this externalId${id === undefined ? '' : `: ${id}`}.`, id);

export const emailTaken = (id: string | undefined): AppError =>
  conflict(['email'], `Another customer has this email${id === undefined ? '' : `: ${id}`}.`, id);

/** Customer ids in a filter: those of merged customers name the survivor. */
export const customerIdField = (column: string, description: string): FilterField<Comparator<string>> => ({
  operand: 'ID',
  description,
  condition: compares<string>(
    raw(`r."${column}"`),
    'text',
    (value, path) => readId('Customer', value, path),
    (condition, workspaceId) => sql`SELECT COALESCE(m."mergedIntoId", m."id") FROM "Customer" AS m
      WHERE m."workspaceId" = ${workspaceId} AND m."id" ${condition}`,
  ),
});
