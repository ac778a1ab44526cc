import type { z } from 'zod';
import type { Caller } from '../../../auth/caller.js';
import { type Database, isUniqueViolation, sql, type Transaction } from '../../../db/database.js';
import { Overtaken } from '../../../db/writing/import-batch.js';
import { AppError, notFound } from '../../../errors.js';
import {
  attemptEach,
  type ErrorPolicy,
  type ItemOutcome,
  outcomesOf,
  requireAll,
  usableOf,
} from '../../../lib/values/batch.js';
import { parseInput } from '../../../lib/values/validation.js';
import { type NewEvent, recordEvents } from '../../events/event.service.js';
import { type CustomerFields, upsertCustomerInput, upsertCustomersInput } from '../customer.input.js';
import type { CustomerWrite } from '../customer.writes.js';
import { CustomerDirectory } from '../lookup/customer.directory.js';
import { identify, readIdOrUuid } from '../lookup/customer.lookup.js';
import { type CustomerPlan, openPlan } from './customer.bulk.plan.js';

export type UpsertCustomersInput = z.input<typeof upsertCustomersInput>;

/** One valid item. Its id is a plain one. */
type UpsertItem = CustomerFields & { id: string | null };

const pathOf = (index: number) => ['customers', index];
const maxAttempts = 5;

/**
 * Upserts customers in order, each as `upsertCustomer` does, in one transaction. The number of statements does not
 * depend on the number of items. An item sees the changes of the items before it.
 * @throws InvalidInput for the batch; with ALL_OR_NOTHING the errors of its items.
 */
export async function upsertCustomers(
  db: Database,
  caller: Caller,
  input: UpsertCustomersInput,
): Promise<ItemOutcome<CustomerWrite>[]> {
  const { customers, errorPolicy } = parseInput(upsertCustomersInput, input);
  const items = attemptEach(customers, pathOf, parseItem);
  let runs = 0;
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await db.transaction((tx) => {
        runs += 1;
        return writeBatch(tx, caller, items, { errorPolicy, takeTurns: runs > 1 });
      });
    } catch (error) {
      if (!(error instanceof Overtaken) && !isUniqueViolation(error)) throw error;
      if (attempt < maxAttempts) continue;
      const message = 'Other changes of these customers are under way.';
      throw new AppError('CONFLICT', message, { path: ['customers'], retryable: true });
    }
  }
}

/** The item in its stored form. @throws InvalidInput */
function parseItem(value: unknown): UpsertItem {
  const { id, ...fields } = parseInput(upsertCustomerInput, value);
  return { ...fields, id: id == null ? null : readIdOrUuid(id, ['id']) };
}

async function writeBatch(
  tx: Transaction,
  caller: Caller,
  items: readonly (UpsertItem | AppError)[],
  { errorPolicy, takeTurns }: { errorPolicy: ErrorPolicy; takeTurns: boolean },
): Promise<ItemOutcome<CustomerWrite>[]> {
  const { workspaceId } = caller;
  // Without turns, two batches that insert the same customers in different orders would collide repeatedly.
  if (takeTurns) {
    const turn = `deskgraph upsert ${workspaceId}`;
    await tx.$executeRaw(sql`SELECT pg_advisory_xact_lock(hashtextextended(${turn}, 0))`);
  }
  const usable = usableOf(items);
  const directory = await CustomerDirectory.open(tx, caller, usable, { allExist: true });
  const events: NewEvent[] = [];
  const plan = openPlan(caller, directory, events);
  const outcomes = attemptEach(items, pathOf, (item) => upsert(plan, directory, item));
  requireAll(outcomes, errorPolicy);
  await plan.write(tx);
  if (events.length > 0) await recordEvents(tx, caller, events);
  return outcomesOf(outcomes);
}

/** @throws NOT_FOUND for an unknown id, CONFLICT, BAD_USER_INPUT for too much metadata. */
function upsert(plan: CustomerPlan, directory: CustomerDirectory, { id, ...fields }: UpsertItem): CustomerWrite {
  if (id === null) {
    const found = identify(fields, directory.withNames(fields));
    return found ? plan.change(found.customer, found.fields) : plan.create(fields, {});
  }
  const named = directory.withId(id);
  if (!named || named.customer.deletedAt !== null) throw notFound('Customer', ['id']);
  return plan.change(named.customer, fields);
}
