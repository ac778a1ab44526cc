import type { z } from 'zod';
import { type Database, isUniqueViolation, sql, type Transaction } from '../../db/database.js';
import { readId } from '../../db/global-id.js';
import { AppError, at, describeError, type ErrorDescription, SeveralErrors } from '../../errors.js';
import type { Customer } from '../../generated/prisma/client.js';
import { parseInput } from '../../lib/validation.js';
import { recordEvents } from '../events/event.service.js';
import type { Caller } from '../workspace/caller.js';
import { openPlan, type PlannedWrite, type UpsertItem } from './customer.bulk.plan.js';
import { Overtaken } from './customer.import.js';
import { upsertCustomerInput, upsertCustomersInput } from './customer.input.js';
import { lockNamed, type NamedCustomer } from './customer.naming.js';
import type { WriteResult } from './customer.writes.js';

export type UpsertCustomersInput = z.input<typeof upsertCustomersInput>;

export interface UpsertedItem {
  index: number;
  /** The customer as the whole batch left it; null when the item was refused. */
  customer: Customer | null;
  result: WriteResult | null;
  changedFields: string[] | null;
  /** Why the item was refused; empty when it was not. */
  errors: ErrorDescription[];
}

export interface UpsertedCustomers {
  results: UpsertedItem[];
}

const maxAttempts = 5;

/**
 * Upserts up to 250 customers in order, each as `upsertCustomer` does it, in one transaction and with a number of
 * statements that does not depend on how many there are. An item sees what the items before it did.
 * @throws InvalidInput for the batch; with ALL_OR_NOTHING SeveralErrors with everything that is wrong with its items.
 */
export async function upsertCustomers(
  db: Database,
  caller: Caller,
  input: UpsertCustomersInput,
): Promise<UpsertedCustomers> {
  const batch = parseInput(upsertCustomersInput, input);
  const items = batch.customers.map(parseItem);
  const allOrNothing = batch.errorPolicy === 'ALL_OR_NOTHING';
  let runs = 0;
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await db.transaction((tx) => {
        runs += 1;
        return writeBatch(tx, caller, items, { allOrNothing, takeTurns: runs > 1 });
      });
    } catch (error) {
      if (!(error instanceof Overtaken) && !isUniqueViolation(error)) throw error;
      if (attempt < maxAttempts) continue;
      const message = 'Other changes of these customers are under way.';
      throw new AppError('CONFLICT', message, { path: ['customers'], retryable: true });
    }
  }
}

/** An item in its stored form, or why it cannot be used. */
function parseItem(value: unknown, index: number): UpsertItem | AppError {
  try {
    const { id, ...fields } = parseInput(upsertCustomerInput, value);
    return { ...fields, id: id == null ? null : readId('Customer', id, ['id']) };
  } catch (error) {
    if (error instanceof AppError) return at(['customers', index], error);
    throw error;
  }
}

async function writeBatch(
  tx: Transaction,
  caller: Caller,
  items: readonly (UpsertItem | AppError)[],
  { allOrNothing, takeTurns }: { allOrNothing: boolean; takeTurns: boolean },
): Promise<UpsertedCustomers> {
  const { workspaceId } = caller;
  // Two batches that insert the same customers in other orders would collide again and again.
  if (takeTurns) {
    const turn = `deskgraph upsert ${workspaceId}`;
    await tx.$executeRaw(sql`SELECT pg_advisory_xact_lock(hashtextextended(${turn}, 0))`);
  }
  const usable = items.flatMap((item) => (item instanceof AppError ? [] : [item]));
  const plan = openPlan(caller, await lockAll(tx, caller, usable));
  const outcomes = items.map((item, index): PlannedWrite | AppError => {
    if (item instanceof AppError) return item;
    try {
      return plan.upsert(item);
    } catch (error) {
      if (error instanceof AppError) return at(['customers', index], error);
      throw error;
    }
  });
  const [first, ...others] = outcomes.filter((outcome) => outcome instanceof AppError);
  if (allOrNothing && first) throw new SeveralErrors([first, ...others]);
  const written = await plan.write(tx);
  if (plan.events.length > 0) await recordEvents(tx, caller, plan.events);
  return {
    results: outcomes.map((outcome, index): UpsertedItem => {
      if (outcome instanceof AppError) {
        return { index, customer: null, result: null, changedFields: null, errors: describeError(outcome) };
      }
      const { customer, result, changedFields } = outcome;
      return { index, customer: written.get(customer.id) ?? customer, result, changedFields, errors: [] };
    }),
  };
}

/** Locks every customer that the items name, by whatever name. */
async function lockAll(tx: Transaction, caller: Caller, items: readonly UpsertItem[]): Promise<NamedCustomer[]> {
  const ids = items.flatMap(({ id }) => id ?? []);
  const externalIds = items.flatMap(({ externalId }) => externalId ?? []);
  const emails = items.flatMap(({ email }) => email?.toLowerCase() ?? []);
  const lock = () =>
    lockNamed(tx, caller, [
      ...(ids.length > 0 ? [sql`named."id" = ANY(${ids}::text[])`] : []),
      ...(externalIds.length > 0 ? [sql`named."externalId" = ANY(${externalIds}::text[])`] : []),
      ...(emails.length > 0 ? [sql`lower(named."email") = ANY(${emails}::text[])`] : []),
    ]);
  const found = await lock();
  const known = new Set(found.map(({ by }) => by.id));
  // One that an id names may have been merged while we waited; the next statement sees where it went.
  return ids.every((id) => known.has(id)) ? found : lock();
}
