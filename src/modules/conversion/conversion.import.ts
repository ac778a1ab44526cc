import type { Caller } from '../../auth/caller.js';
import type { Database } from '../../db/database.js';
import { analyzer } from '../../db/writing/analyze.js';
import { writeImported } from '../../db/writing/import-batch.js';
import { AppError, badInput, conflict } from '../../errors.js';
import { parseInput } from '../../lib/values/validation.js';
import { conversionRecord } from './conversion.record.js';
import {
  type ConversionItem,
  conversionItem,
  type WrittenConversion,
  writeConversions,
} from './conversion.recording.js';

/** The result of one imported purchase. */
export interface ImportedPurchaseResult {
  result: 'RECORDED' | 'DUPLICATE';
  customerCreated: boolean;
}

type Outcome = ImportedPurchaseResult | AppError;

/**
 * Writes purchases of another system into the ledger, as approved sales. A customer is created if there is none with the
 * externalId. An order that is already in the ledger is not written again.
 */
export function purchaseImporter(db: Database, caller: Caller) {
  const statistics = analyzer(db, ['Customer', 'Conversion', 'DomainEvent']);
  const busy = conflict([], 'Another change of this customer is under way.');
  const options = { policy: 'PER_ITEM' as const, pathOf: () => [] };
  const origin = { imported: true, customer: { source: 'IMPORT' as const } };

  return {
    /** Reads a purchase from a JSON value. @throws InvalidInput */
    parse(value: unknown): ConversionItem {
      const { customerExternalId: externalId, ...fields } = parseInput(conversionRecord.schema, value);
      if ((externalId == null) === (fields.customerId == null)) {
        throw badInput(
          ['customerExternalId'],
          'One of customerExternalId and customerId must say whose purchase it is.',
        );
      }
      return conversionItem({ ...fields, class: 'SALE', externalId });
    },

    /** Writes purchases in one transaction. Returns the result of each, or why it was refused. */
    async write(batch: readonly ConversionItem[]): Promise<Outcome[]> {
      const written = await writeImported<ConversionItem, WrittenConversion | AppError>(
        db,
        caller.workspaceId,
        batch,
        (tx, items) => writeConversions(tx, caller, items, options, origin),
        busy,
      );
      const outcomes = written.map(
        (one): Outcome =>
          one instanceof AppError ? one : { result: one.recorded.result, customerCreated: one.customerCreated },
      );
      await statistics.add(outcomes.filter((one) => 'result' in one && one.result === 'RECORDED').length);
      return outcomes;
    },

    /** To be called after the last batch. */
    finish: (): Promise<void> => statistics.finish(),
  };
}
