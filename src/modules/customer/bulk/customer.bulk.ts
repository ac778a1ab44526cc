import type { z } from 'zod';
import type { Caller } from '../../../auth/caller.js';
import { type Database, isUniqueViolation, sql, type Transaction } from '../../../db/database.js';
import { readId } from '../../../db/global-id.js';
import { Overtaken } from '../../../db/writing/import-batch.js';
import { AppError, at, describeError, type ErrorDescription, notFound, SeveralErrors } from '../../../errors.js';
import type { Customer } from '../../../generated/prisma/client.js';
import { parseInput } from '../../../lib/values/validation.js';
import { type NewEvent, recordEvents } from '../../events/event.service.js';
import { type CustomerFields, upsertCustomerInput, upsertCustomersInput } from '../customer.input.js';
import type { WriteResult } from '../customer.writes.js';
import { CustomerDirectory } from '../lookup/customer.directory.js';
import { identify } from '../lookup/customer.lookup.js';
import { type CustomerPlan, openPlan, type PlannedWrite } from './customer.bulk.plan.js';

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

/** One customer of a batch, checked; its id is a plain one. */
type UpsertItem = CustomerFields & { id: string | null };

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
  const directory = await CustomerDirectory.open(tx, caller, usable, { allExist: true });
  const events: NewEvent[] = [];
  const plan = openPlan(caller, directory, events);
  const outcomes = items.map((item, index): PlannedWrite | AppError => {
    if (item instanceof AppError) return item;
    try {
      return upsert(plan, directory, item);
    } catch (error) {
      if (error instanceof AppError) return at(['customers', index], error);
      throw error;
    }
  });
  const [first, ...others] = outcomes.filter((outcome) => outcome instanceof AppError);
  if (allOrNothing && first) throw new SeveralErrors([first, ...others]);
  await plan.write(tx);
  if (events.length > 0) await recordEvents(tx, caller, events);
  return {
    results: outcomes.map((outcome, index): UpsertedItem => {
      if (outcome instanceof AppError) {
        return { index, customer: null, result: null, changedFields: null, errors: describeError(outcome) };
      }
      const { customer, result, changedFields } = outcome;
      return { index, customer, result, changedFields, errors: [] };
    }),
  };
}

/** @throws NOT_FOUND for an unknown id, CONFLICT, BAD_USER_INPUT when metadata is too much. */
function upsert(plan: CustomerPlan, directory: CustomerDirectory, { id, ...fields }: UpsertItem): PlannedWrite {
  if (id === null) {
    const found = identify(fields, directory.withNames(fields));
    return found ? plan.change(found.customer, found.fields) : plan.create(fields, {});
  }
  const named = directory.withId(id);
  if (!named || named.customer.deletedAt !== null) throw notFound('Customer', ['id']);
  return plan.change(named.customer, fields);
}
