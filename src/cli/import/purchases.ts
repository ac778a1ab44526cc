import type { Command } from 'commander';
import { operatorOf } from '../../auth/caller.js';
import { requireEntitlement } from '../../auth/entitlements.js';
import type { ImportedPurchaseResult } from '../../modules/conversion/conversion.import.js';
import type { Shell } from '../shell/shell.js';
import { addImport } from './command.js';
import { readCsv } from './csv.js';
import { type Format, formatOption } from './format.js';
import { readJsonLines } from './json-lines.js';
import { readPurchaseRecords } from './purchase-columns.js';

const help = `
The first line names the columns; currency, exchangeRate and items are optional:
  customerExternalId,orderId,occurredAt,amountMinor,currency,items
  u1,ord_000001,2024-05-01T09:30:00Z,2933,USD,2
Amounts are integers in minor units, such as cents. If the currency is not that of the workspace, exchangeRate is
required: the value of one unit in the workspace's currency, such as 1.0837. An existing customer can be given by
customerId instead. JSON lines have the same fields.

Safe to repeat: existing orders are not written again. Invalid lines are reported by number, and the other lines
are imported. The workspace must have revenue tracking.`;

export const addPurchaseImport = (group: Command, shell: Shell): void =>
  addImport(group, shell, {
    name: 'purchases',
    description: 'Import purchases from a CSV file or from a file of JSON lines; customers are created as needed.',
    help,
    options: [formatOption()],
    // Without --format, a file is CSV unless its extension says otherwise.
    readerOf: (path, { format = /\.(jsonl|ndjson)$/i.test(path) ? 'jsonl' : 'csv' }: { format?: Format }) =>
      format === 'csv' ? (lines) => readPurchaseRecords(readCsv(lines)) : readJsonLines,
    async open({ db, services }, workspace) {
      requireEntitlement(await services.workspaces.get(workspace), 'REVENUE_TRACKING');
      const { purchaseImporter } = await import('../../modules/conversion/conversion.import.js');
      return {
        ...purchaseImporter(db, operatorOf(workspace)),
        // Purchases of one order may be in the same batch.
        keysOf: () => [],
        // The purchase and its customer.
        weightOf: () => 2,
      };
    },
    // `unchanged` counts purchases that already existed.
    begin: () => ({ customersCreated: 0, purchasesCreated: 0, unchanged: 0 }),
    count(done, { result, customerCreated }: ImportedPurchaseResult) {
      if (customerCreated) done.customersCreated += 1;
      if (result === 'RECORDED') done.purchasesCreated += 1;
      else done.unchanged += 1;
    },
    tell: (done) => [
      ['created', `${done.customersCreated} customers, ${done.purchasesCreated} purchases`],
      ['unchanged', `${done.unchanged} purchases`],
    ],
  });
