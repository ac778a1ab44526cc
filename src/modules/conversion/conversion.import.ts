import type { Caller } from '../../auth/caller.js';
import type { Database } from '../../db/database.js';
import { analyzer } from '../../db/writing/analyze.js';
import { writeImported } from '../../db/writing/import-batch.js';
import { AppError, conflict } from '../../errors.js';
import { parseInput } from '../../lib/values/validation.js';
import { conversionRecord } from './conversion.record.js';
import {
  type ConversionItem,
  conversionItem,
  type WrittenConversion,
  writeConversions,
} from './conversion.recording.js';

/** What became of one imported purchase. */
export interface ImportedPurchaseResult {
  result: 'RECORDED' | 'DUPLICATE';
  customerCreated: boolean;
}

type Outcome = ImportedPurchaseResult | AppError;

/**
 * Writes purchases of another system into the ledger: approved sales, of customers who are created when there are none
 * with that externalId. An order that is there already is not written again.
 */
export function purchaseImporter(db: Database, caller: Caller) {
  const statistics = analyzer(db, ['Customer', 'Conversion', 'DomainEvent']);
  const busy = conflict([], 'Another change of this customer is under way.');
  const options = { policy: 'PER_ITEM' as const, pathOf: () => [] };
  const origin = { imported: true, customer: { source: 'IMPORT' as const } };

  return {
    /** The purchase that a JSON value says. @throws InvalidInput */
    parse(value: unknown): ConversionItem {
      const { customerExternalId: externalId, ...fields } = parseInput(conversionRecord.schema, value);
      return conversionItem({ ...fields, class: 'SALE', externalId });
    },

    /** Writes purchases in one transaction. Answers for each what became of it, or why it was refused. */
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
