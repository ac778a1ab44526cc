import { z } from 'zod';
import type { Caller } from '../../auth/caller.js';
import type { Database } from '../../db/database.js';
import { analyzer } from '../../db/writing/analyze.js';
import { writeImported } from '../../db/writing/import-batch.js';
import { AppError, conflict } from '../../errors.js';
import { name, parseInput } from '../../lib/values/validation.js';
import { importedTime } from '../customer/import/customer.import.input.js';
import { conversionInput } from './conversion.input.js';
import {
  type ConversionItem,
  conversionItem,
  type WrittenConversion,
  writeConversions,
} from './conversion.recording.js';

const purchase = z.strictObject({
  customerExternalId: name(255),
  orderId: name(255),
  occurredAt: importedTime,
  amountMinor: conversionInput.shape.amountMinor,
  currency: conversionInput.shape.currency,
  exchangeRate: conversionInput.shape.exchangeRate,
  items: conversionInput.shape.items,
});

/** The names of everything that a file can say of a purchase. */
export const importedPurchaseFields = Object.keys(purchase.shape);

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
      const { customerExternalId: externalId, ...fields } = parseInput(purchase, value);
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
