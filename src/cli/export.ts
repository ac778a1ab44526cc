import type { Command } from 'commander';
import type { Read } from '../db/reading/snapshot.js';
import { writeTo } from './export/target.js';
import { CommandFailure, exitCodes } from './shell/failure.js';
import { type OutputOptions, print, withJson } from './shell/output.js';
import { Progress } from './shell/progress.js';
import { withSession } from './shell/session.js';
import type { Shell } from './shell/shell.js';

/** One line of an export, and its counts for the summary. */
interface ExportLine {
  line: object;
  holds: Readonly<Record<string, number>>;
}

interface ExportKind {
  name: string;
  description: string;
  lines(read: Read, workspaceId: string): AsyncGenerator<ExportLine>;
  /** Whether it refers to stored files. */
  hasFiles?: true;
}

/** Reads the rows of a kind in pages. */
type Pages = (read: Read, workspaceId: string) => AsyncGenerator<object[]>;

/** A kind of data with one line for each row. */
const ofRows = (name: string, description: string, load: () => Promise<Pages>): ExportKind => ({
  name,
  description,
  async *lines(read, workspaceId) {
    const pages = await load();
    for await (const page of pages(read, workspaceId)) for (const line of page) yield { line, holds: { [name]: 1 } };
  },
});

const kinds: readonly ExportKind[] = [
  ofRows('customers', 'Export customers as JSON lines, for import customers.', async () => {
    return (await import('../modules/customer/export/customer.export.js')).exportedCustomers;
  }),
  ofRows('purchases', 'Export approved sales as JSON lines, for import purchases.', async () => {
    return (await import('../modules/conversion/conversion.export.js')).exportedPurchases;
  }),
  ofRows('conversions', 'Export all conversions and refunds as JSON lines.', async () => {
    return (await import('../modules/conversion/conversion.export.js')).exportedConversions;
  }),
  ofRows('clicks', 'Export clicks as JSON lines.', async () => {
    return (await import('../modules/click/click.export.js')).exportedClicks;
  }),
  ofRows('links', 'Export links as JSON lines, including deleted links.', async () => {
    return (await import('../modules/link/link.export.js')).exportedLinks;
  }),
  ofRows('campaigns', 'Export campaigns as JSON lines.', async () => {
    return (await import('../modules/campaign/campaign.export.js')).exportedCampaigns;
  }),
  {
    name: 'conversations',
    hasFiles: true,
    description: 'Export conversations with their messages as JSON lines, for import conversations.',
    async *lines(read, workspaceId) {
      const { exportedConversations } = await import('../modules/conversation/export/conversation.export.js');
      for await (const { line, begins, messages } of exportedConversations(read, workspaceId)) {
        yield { line, holds: { conversations: begins ? 1 : 0, messages } };
      }
    },
  },
];

const help = `
With PostgreSQL the export is a consistent snapshot of the workspace. The embedded database is not blocked: an object
that changes during the export is exported as before or as after the change, and never twice.
Exit code: 0 success, 1 failed while running, 2 the arguments are invalid.`;

interface Options extends OutputOptions {
  workspace: string;
  output?: string;
  files?: string;
}

/** The counts of an export. */
type Summary = Record<string, number>;

export function addExportCommands(program: Command, shell: Shell): void {
  const group = program
    .command('export')
    .description('Export the data of a workspace, for example to another installation.');
  for (const kind of kinds) {
    const command = withJson(group.command(kind.name));
    if (kind.hasFiles)
      command.option('--files <directory>', 'directory to write mails and files to (default: not written)');
    command
      .description(kind.description)
      .requiredOption('--workspace <id>', 'id of the workspace to export')
      .option('--output <file>', 'the output file; it appears only when it is complete (default: standard output)')
      .addHelpText('after', help)
      .action(async ({ workspace, output, files, ...options }: Options) => {
        if (options.json && output === undefined) {
          throw new CommandFailure(
            '--json needs --output, because otherwise the export is on standard output.',
            exitCodes.unusable,
          );
        }
        const summary = await runExport(shell, kind, workspace, { output, files });
        if (output !== undefined) print(shell, options, summary, describe(summary));
        else if (shell.isTerminal) shell.err(`${describe(summary)}\n`);
      });
  }
}

/** @throws NOT_FOUND for the workspace, CommandFailure if the file cannot be written. */
function runExport(
  shell: Shell,
  kind: ExportKind,
  workspace: string,
  { output, files }: { output: string | undefined; files: string | undefined },
): Promise<Summary> {
  return withSession(shell, async ({ db, services, embedded }) => {
    await services.workspaces.get(workspace);
    const { withSnapshot } = await import('../db/reading/snapshot.js');
    const progress = new Progress(shell, undefined);
    const done: Summary = {};
    let lines = 0;

    async function* texts(read: Read): AsyncGenerator<string> {
      for await (const { line, holds } of kind.lines(read, workspace)) {
        yield `${JSON.stringify(line)}\n`;
        for (const [what, count] of Object.entries(holds)) done[what] = (done[what] ?? 0) + count;
        lines += 1;
        progress.show(lines, 0);
      }
    }
    try {
      await withSnapshot(db, { shared: embedded }, async (read) => {
        await writeTo(shell, output, texts(read));
        if (files === undefined) return;
        const { exportFiles, openDirectory, openFiles } = await import('../modules/file/file.transfer.js');
        const stored = openFiles(db, { storage: await shell.openStorage() });
        done.files = await exportFiles(read, stored, workspace, openDirectory(files));
      });
    } finally {
      progress.clear();
    }
    return { ...done, lines, seconds: progress.seconds };
  });
}

function describe({ lines: _, seconds = 0, ...counts }: Summary): string {
  const what = Object.entries(counts).map(([name, count]) => `${count} ${name}`);
  return `Exported ${what.join(', ') || 'nothing'} in ${seconds.toFixed(1)} s.`;
}
