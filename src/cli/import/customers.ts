import { type Command, Option } from 'commander';
import type { ImportedCustomerResult } from '../../modules/customer/customer.importer.js';
import { operatorOf } from '../../modules/workspace/caller.js';
import { CommandFailure, exitCodes } from '../failure.js';
import { type OutputOptions, print, withJson } from '../output.js';
import { withSession } from '../session.js';
import type { Shell } from '../shell.js';
import { readCsv } from './csv.js';
import { readCustomerRecords } from './customer-columns.js';
import { type Entry, type FeedSummary, feed, openSource } from './feed.js';
import { readJsonLines } from './json-lines.js';
import { readLines } from './lines.js';

const formats = ['csv', 'jsonl'] as const;
type Format = (typeof formats)[number];

/** What an import did. */
interface Summary extends FeedSummary {
  customersCreated: number;
  customersUpdated: number;
  /** Customers who were there with everything that the file says. */
  unchanged: number;
}

const help = `
The first line of a CSV file names its columns:
  externalId,email,name,phone,avatarUrl,status,sentiment,notes,tags,metadata.plan
  u1,jane@example.com,"Doe, Jane",,,ACTIVE,HAPPY,,vip;beta,team
Each line of a JSON Lines file is one customer:
  {"externalId": "u1", "email": "jane@example.com", "tags": ["vip", "beta"], "metadata": {"plan": "team"}}

Run it as often as you like: customers are known again by externalId, else by email, and get the fields that
the file gives. A bad line is reported by its number, and the others are imported.
Exit code: 0 all lines are imported, 1 some are not, 2 the arguments or the file cannot be used.`;

interface Options extends OutputOptions {
  workspace: string;
  format?: Format;
}

export function addCustomerImport(group: Command, shell: Shell): void {
  withJson(group.command('customers'))
    .description('Import customers from a CSV file or from a file of JSON lines.')
    .argument('<file>', 'the file, - for standard input')
    .requiredOption('--workspace <id>', 'where they are imported to')
    .addOption(new Option('--format <format>', 'what the file is (default: what its name ends in)').choices(formats))
    .addHelpText('after', help)
    .action(async (path: string, { workspace, format = formatOf(path), ...output }: Options) => {
      const summary = await importCustomers(shell, path, format, workspace);
      print(shell, output, summary, describe(summary));
      if (summary.failed === 0) return;
      throw new CommandFailure(`Not imported: ${summary.failed} of ${summary.lines} lines.`, exitCodes.failed);
    });
}

function formatOf(path: string): Format {
  if (/\.csv$/i.test(path)) return 'csv';
  if (/\.(jsonl|ndjson)$/i.test(path)) return 'jsonl';
  throw new CommandFailure(`--format must say whether ${path} is csv or jsonl.`, exitCodes.unusable);
}

/** Throws CommandFailure when the file cannot be read or used, NOT_FOUND for the workspace. */
async function importCustomers(shell: Shell, path: string, format: Format, workspace: string): Promise<Summary> {
  const source = await openSource(shell, path);
  try {
    return await withSession(shell, async ({ db, services }) => {
      await services.workspaces.get(workspace);
      const { customerImporter, identityOf } = await import('../../modules/customer/customer.importer.js');
      const done = { customersCreated: 0, customersUpdated: 0, unchanged: 0 };
      const count = ({ result }: ImportedCustomerResult): void => {
        if (result === 'CREATED') done.customersCreated += 1;
        else if (result === 'UPDATED') done.customersUpdated += 1;
        else done.unchanged += 1;
      };
      const { lines, failed, seconds } = await feed(
        shell,
        { entries: entriesOf(source.stream, format), size: source.size },
        {
          ...customerImporter(db, operatorOf(workspace)),
          keysOf: (customer) => {
            const { email, ...names } = identityOf(customer);
            const keys = Object.entries({ ...names, email: email?.toLowerCase() });
            return keys.flatMap(([key, value]) => (value == null ? [] : [`${key} ${value}`]));
          },
          // Half of what is written of it are its indexes.
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

function entriesOf(stream: AsyncIterable<Buffer>, format: Format): AsyncIterable<Entry> {
  const lines = readLines(stream);
  return format === 'csv' ? readCustomerRecords(readCsv(lines)) : readJsonLines(lines);
}

const describe = (summary: Summary): string =>
  [
    `Read ${summary.lines} lines in ${summary.seconds.toFixed(1)} s:`,
    `  created    ${summary.customersCreated} customers`,
    `  updated    ${summary.customersUpdated} customers`,
    `  unchanged  ${summary.unchanged} customers`,
    `  failed     ${summary.failed} lines`,
  ].join('\n');
