import type { Command } from 'commander';
import type { ImportedPurchaseResult } from '../../modules/conversion/conversion.import.js';
import { operatorOf } from '../../modules/workspace/caller.js';
import { requireEntitlement } from '../../modules/workspace/entitlements.js';
import { CommandFailure, exitCodes } from '../failure.js';
import { type OutputOptions, print, withJson } from '../output.js';
import { withSession } from '../session.js';
import type { Shell } from '../shell.js';
import { readCsv } from './csv.js';
import { type FeedSummary, feed, openSource } from './feed.js';
import { readLines } from './lines.js';
import { readPurchaseRecords } from './purchase-columns.js';

/** What an import did. */
interface Summary extends FeedSummary {
  customersCreated: number;
  purchasesCreated: number;
  /** Purchases that were there. */
  unchanged: number;
}

const help = `
The first line names the columns; currency, exchangeRate and items may be left out:
  customerExternalId,orderId,occurredAt,amountMinor,currency,items
  u1,ord_000001,2024-05-01T09:30:00Z,2933,USD,2
Amounts are whole minor units, such as cents. A purchase in another currency than the workspace's needs an
exchangeRate: what 1 unit of it was worth in the workspace's currency, such as 1.0837.

Run it as often as you like: an order that is there is not written again. A bad line is reported by its number,
and the others are imported. The workspace must have revenue tracking.
Exit code: 0 all lines are imported, 1 some are not, 2 the arguments or the file cannot be used.`;

export function addPurchaseImport(group: Command, shell: Shell): void {
  withJson(group.command('purchases'))
    .description('Import purchases from a CSV file; customers are created as needed.')
    .argument('<file>', 'the file, - for standard input')
    .requiredOption('--workspace <id>', 'where they are imported to')
    .addHelpText('after', help)
    .action(async (path: string, { workspace, ...output }: OutputOptions & { workspace: string }) => {
      const summary = await importPurchases(shell, path, workspace);
      print(shell, output, summary, describe(summary));
      if (summary.failed === 0) return;
      throw new CommandFailure(`Not imported: ${summary.failed} of ${summary.lines} lines.`, exitCodes.failed);
    });
}

/** Throws CommandFailure when the file cannot be read or used, NOT_FOUND and ENTITLEMENT_REQUIRED for the workspace. */
async function importPurchases(shell: Shell, path: string, workspace: string): Promise<Summary> {
  const source = await openSource(shell, path);
  try {
    return await withSession(shell, async ({ db, services }) => {
      requireEntitlement(await services.workspaces.get(workspace), 'REVENUE_TRACKING');
      const { purchaseImporter } = await import('../../modules/conversion/conversion.import.js');
      const done = { customersCreated: 0, purchasesCreated: 0, unchanged: 0 };
      const count = ({ result, customerCreated }: ImportedPurchaseResult): void => {
        if (customerCreated) done.customersCreated += 1;
        if (result === 'RECORDED') done.purchasesCreated += 1;
        else done.unchanged += 1;
      };
      const { lines, failed, seconds } = await feed(
        shell,
        { entries: readPurchaseRecords(readCsv(readLines(source.stream))), size: source.size },
        {
          ...purchaseImporter(db, operatorOf(workspace)),
          // Those of one order meet within the batch.
          keysOf: () => [],
          // Itself and its customer.
          weightOf: () => 2,
        },
        count,
      );
      return { lines, ...done, failed, seconds };
    });
  } finally {
    source.stream.destroy();
  }
}

const describe = (summary: Summary): string =>
  [
    `Read ${summary.lines} lines in ${summary.seconds.toFixed(1)} s:`,
    `  created    ${summary.customersCreated} customers, ${summary.purchasesCreated} purchases`,
    `  unchanged  ${summary.unchanged} purchases`,
    `  failed     ${summary.failed} lines`,
  ].join('\n');
