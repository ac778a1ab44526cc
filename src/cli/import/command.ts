import type { Command, Option } from 'commander';
import { CommandFailure, exitCodes } from '../shell/failure.js';
import { type OutputOptions, print, withJson } from '../shell/output.js';
import { type Session, withSession } from '../shell/session.js';
import type { Shell } from '../shell/shell.js';
import { type Entry, type FeedSummary, feed, type ImportKind, openSource } from './feed.js';
import { type Line, readLines } from './lines.js';

/** A command that imports one kind of data from a file. */
export interface ImportCommand<Item, Result extends object, Done extends object, Options extends object> {
  name: string;
  description: string;
  help: string;
  /** Options of this command alone. */
  options?: readonly Option[];
  /** Selects the parser of the file. @throws CommandFailure if the options do not determine it. */
  readerOf(path: string, options: Options): (lines: AsyncIterable<Line>) => AsyncIterable<Entry>;
  /** Opens the import. @throws NOT_FOUND and other errors if the workspace cannot take the data. */
  open(session: Session, workspace: string, options: Options): Promise<ImportKind<Item, Result>>;
  /** The counters at the start. */
  begin(): Done;
  count(done: Done, result: Result): void;
  /** The counters as text: a label and an amount for each line. */
  tell(done: Done): [label: string, amounts: string][];
}

const exitCodeHelp = `
Exit code: 0 all lines were imported, 1 some lines failed, 2 the arguments or the file are invalid.`;

export function addImport<Item, Result extends object, Done extends object, Options extends object = object>(
  group: Command,
  shell: Shell,
  kind: ImportCommand<Item, Result, Done, Options>,
): void {
  const command = withJson(group.command(kind.name))
    .description(kind.description)
    .argument('<file>', 'the file to import, or - for standard input')
    .requiredOption('--workspace <id>', 'id of the workspace to import into');
  for (const option of kind.options ?? []) command.addOption(option);
  command
    .addHelpText('after', kind.help + exitCodeHelp)
    .action(async (path: string, options: Options & OutputOptions & { workspace: string }) => {
      const summary = await run(shell, kind, path, options);
      print(shell, options, summary, describe(summary, kind.tell(summary)));
      if (summary.failed === 0) return;
      throw new CommandFailure(`Not imported: ${summary.failed} of ${summary.lines} lines.`, exitCodes.failed);
    });
}

/** @throws CommandFailure if the file cannot be read or used, and the errors of `open`. */
async function run<Item, Result extends object, Done extends object, Options extends object>(
  shell: Shell,
  { readerOf, open, begin, count }: ImportCommand<Item, Result, Done, Options>,
  path: string,
  options: Options & { workspace: string },
): Promise<FeedSummary & Done> {
  const read = readerOf(path, options);
  const source = await openSource(shell, path);
  try {
    return await withSession(shell, async (session) => {
      const importer = await open(session, options.workspace, options);
      const done = begin();
      const input = { entries: read(readLines(source.stream)), size: source.size };
      const { lines, failed, seconds } = await feed(shell, input, importer, (result) => count(done, result));
      return { lines, ...done, failed, seconds };
    });
  } finally {
    source.stream.destroy();
  }
}

function describe({ lines, failed, seconds }: FeedSummary, done: readonly [string, string][]): string {
  const rows = [...done, ['failed', `${failed} lines`]];
  return [
    `Read ${lines} lines in ${seconds.toFixed(1)} s:`,
    ...rows.map(([label = '', amounts]) => `  ${label.padEnd(9)}  ${amounts}`),
  ].join('\n');
}
