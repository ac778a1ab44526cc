import { type Sql, sql } from '../../../db/database.js';
import type { Customer } from '../../../generated/prisma/client.js';
import type { CustomerFields } from '../customer.input.js';

/** The e-mail addresses of customers: one primary, and others. */

export type Emails = Pick<Customer, 'email' | 'otherEmails'>;

const folded = (address: string): string => address.toLowerCase();

/** The distinct addresses. Without a primary address, the first other one takes its place. */
export function orderedEmails(all: readonly (string | null)[]): Emails {
  const seen = new Set<string>();
  const [email = null, ...otherEmails] = all.filter((address): address is string => {
    if (address === null || seen.has(folded(address))) return false;
    seen.add(folded(address));
    return true;
  });
  return { email, otherEmails };
}

/** Addresses without those among `taken`, regardless of case. */
export function emailsWithout({ email, otherEmails }: Emails, taken: readonly string[]): Emails {
  const without = new Set(taken.map(folded));
  return orderedEmails([email, ...otherEmails].filter((address) => address === null || !without.has(folded(address))));
}

/** The addresses after a write of these fields, if it gives any: none of them twice. */
export function settledEmails(
  { email, otherEmails }: Pick<CustomerFields, 'email' | 'otherEmails'>,
  stored?: Emails,
): Partial<Emails> {
  if (email === undefined && otherEmails === undefined) return {};
  const settled = orderedEmails([
    email === undefined ? (stored?.email ?? null) : email,
    ...(otherEmails ?? stored?.otherEmails ?? []),
  ]);
  // A new customer without other addresses does not get an empty `otherEmails`, which would count as a given field.
  return !stored && otherEmails === undefined ? { email: settled.email } : settled;
}

/** The ids of the customers with an address of this condition on `e."key"`, as a statement. */
export const idsByEmail = (workspaceId: string, condition: Sql): Sql =>
  sql`SELECT e."customerId" FROM "CustomerEmail" AS e WHERE e."workspaceId" = ${workspaceId} AND e."key" ${condition}`;
