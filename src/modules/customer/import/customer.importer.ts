import type { Caller } from '../../../auth/caller.js';
import type { Database, Transaction } from '../../../db/database.js';
import { analyzer } from '../../../db/writing/analyze.js';
import { writeImported } from '../../../db/writing/import-batch.js';
import { AppError, badInput, conflict } from '../../../errors.js';
import type { WriteResult } from '../../../lib/values/changes.js';
import { withoutNulls } from '../../../lib/values/changes.js';
import { parseInput } from '../../../lib/values/validation.js';
import { type NewEvent, recordEvents } from '../../events/event.service.js';
import { type CustomerPlan, type CustomerRecord, openPlan } from '../bulk/customer.bulk.plan.js';
import { CustomerDirectory, uuidTaken } from '../lookup/customer.directory.js';
import { type ImportedCustomer, importedCustomer } from './customer.import.input.js';

/** The result for one imported customer. */
export interface ImportedCustomerResult {
  result: WriteResult;
}

type Outcome = ImportedCustomerResult | AppError;

/**
 * Writes customers of another system. Existing customers get the given fields, as an upsert of each would do. New ones
 * are created with their original times and versions. Unchanged customers are not written.
 */
export function customerImporter(db: Database, caller: Caller) {
  const statistics = analyzer(db, ['Customer', 'DomainEvent']);

  const busy = conflict([], 'Another change of this customer is under way.');

  return {
    /** The customer of a JSON value. @throws InvalidInput */
    parse: (value: unknown): ImportedCustomer => parseInput(importedCustomer, value),

    /**
     * Writes the customers in one transaction; no two may have a key in common. Returns for each its result, or why it
     * was refused. A refused customer writes nothing and does not affect the others.
     */
    async write(batch: readonly ImportedCustomer[]): Promise<Outcome[]> {
      const outcomes = await writeImported<ImportedCustomer, Outcome>(
        db,
        caller.workspaceId,
        batch,
        (tx, items) => writeBatch(tx, caller, items),
        busy,
      );
      await statistics.add(outcomes.filter((outcome) => 'result' in outcome && outcome.result === 'CREATED').length);
      return outcomes;
    },

    /** Call this after the last batch. */
    finish: (): Promise<void> => statistics.finish(),
  };
}

/** All keys of an imported customer that must be unique. */
export const identityOf = ({
  fields: { externalId, email, otherEmails },
  provenance: { id, uuid },
}: ImportedCustomer) => {
  return { id, uuid, externalId, email, otherEmails };
};

async function writeBatch(tx: Transaction, caller: Caller, batch: readonly ImportedCustomer[]): Promise<Outcome[]> {
  const survivors = batch.flatMap(({ provenance: { mergedIntoId: id } }) => (id == null ? [] : [{ id }]));
  const wanted = [...batch.map(identityOf), ...survivors];
  const directory = await CustomerDirectory.open(tx, caller, wanted, { allExist: survivors.length > 0 });
  const events: NewEvent[] = [];
  const plan = openPlan(caller, directory, events);
  const outcomes = batch.map((item): Outcome => {
    const { mergedIntoId } = item.provenance;
    try {
      return {
        result: mergedIntoId == null ? write(plan, directory, item) : keep(plan, directory, item, mergedIntoId),
      };
    } catch (error) {
      if (error instanceof AppError) return error;
      throw error;
    }
  });
  await plan.write(tx);
  if (events.length > 0) await recordEvents(tx, caller, events);
  return outcomes;
}

/** @throws CONFLICT for a key, BAD_USER_INPUT when the merged metadata is too large. */
function write(
  plan: CustomerPlan,
  directory: CustomerDirectory,
  { fields, provenance }: ImportedCustomer,
): WriteResult {
  const found = directory.meant(fields, provenance);
  return found ? plan.change(found.customer, found.fields).result : plan.create(fields, recordOf(provenance)).result;
}

/**
 * Creates a customer that was merged into another one, so that the keys of both lead to the survivor. An import does
 * not merge customers that already exist.
 * @throws CONFLICT, BAD_USER_INPUT when the survivor does not exist.
 */
function keep(
  plan: CustomerPlan,
  directory: CustomerDirectory,
  { fields, provenance }: ImportedCustomer,
  mergedIntoId: string,
): WriteResult {
  const survivor = directory.withId(mergedIntoId)?.customer;
  if (!survivor) throw badInput(['mergedIntoId'], `There is no such customer: ${mergedIntoId}.`);
  if (survivor.deletedAt) {
    throw conflict(['mergedIntoId'], `This customer was deleted: ${survivor.id}.`, survivor.id);
  }
  const { id, uuid } = provenance;
  const known = id == null ? undefined : directory.withId(id);
  if (known) {
    if (known.customer === survivor && known.by.id !== survivor.id) return 'UNCHANGED';
    throw conflict(['mergedIntoId'], `The customer is there, not merged into this one: ${known.by.id}.`, known.by.id);
  }
  const twin = uuid == null ? undefined : directory.withUuid(uuid);
  if (twin) throw uuidTaken(twin.customer.id);
  return plan.createMerged(fields, recordOf(provenance), survivor);
}

/** The columns of a new customer in the file, besides its fields. */
const recordOf = ({ source, mergedIntoId: _, ...given }: ImportedCustomer['provenance']): CustomerRecord => ({
  source: source ?? 'IMPORT',
  ...withoutNulls(given),
});
