import { pipeline } from 'node:stream/promises';
import { createGunzip, createGzip } from 'node:zlib';
import type { Command } from 'commander';
import { writeTo } from './export/target.js';
import { openSource } from './import/feed.js';
import { readLines } from './import/lines.js';
import { CommandFailure, exitCodes } from './shell/failure.js';
import { type OutputOptions, print, withJson } from './shell/output.js';
import { Progress } from './shell/progress.js';
import { withSession } from './shell/session.js';
import type { Shell } from './shell/shell.js';

const helpOfBackup = `
The backup is the database at one moment, also while the gateway runs. The embedded database keeps others waiting
until it is read; a PostgreSQL does not, and has tools of its own for large ones. Files of DATA_DIR beside the
database, such as mails that were not sent, are not in it.
Exit code: 0 done, 1 it failed on the way, 2 the file cannot be written.`;

const helpOfRestore = `
The database must hold no workspace: name a new one by DATA_DIR or DATABASE_URL, and stop its gateway. A backup of an
earlier release gets the migrations of this one.
Exit code: 0 done, 1 it cannot be restored, and nothing was, 2 the file cannot be read.`;

interface Result {
  rows: number;
  seconds: number;
}

const told = (what: string, { rows, seconds }: Result): string => `${what} ${rows} rows in ${seconds.toFixed(1)} s.`;

export function addBackupCommands(program: Command, shell: Shell): void {
  withJson(program.command('backup'))
    .description('Write the whole database into one file, for restore.')
    .argument('<file>', 'the file, which is complete when it is there')
    .addHelpText('after', helpOfBackup)
    .action(async (file: string, options: OutputOptions) => {
      const result = await backUp(shell, file);
      print(shell, options, result, told('Backed up', result));
    });
  withJson(program.command('restore'))
    .description('Read what backup wrote into an empty database.')
    .argument('<file>', 'the file, or - for standard input')
    .addHelpText('after', helpOfRestore)
    .action(async (file: string, options: OutputOptions) => {
      const result = await restoreFrom(shell, file);
      print(shell, options, result, told('Restored', result));
    });
}

function backUp(shell: Shell, file: string): Promise<Result> {
  return withSession(shell, async ({ db }) => {
    const [{ withSnapshot }, { backupLines }] = await Promise.all([
      import('../db/reading/snapshot.js'),
      import('../db/backup/backup.js'),
    ]);
    const progress = new Progress(shell, undefined);
    let rows = 0;
    const onRow = (): void => {
      rows += 1;
      progress.show(rows, 0);
    };
    try {
      await withSnapshot(db, { shared: false }, (read) => writeTo(shell, file, backupLines(read, onRow), createGzip()));
    } finally {
      progress.clear();
    }
    return { rows, seconds: progress.seconds };
  });
}

async function restoreFrom(shell: Shell, file: string): Promise<Result> {
  const { restore, RestoreError } = await import('../db/backup/restore.js');
  const source = await openSource(shell, file);
  const progress = new Progress(shell, undefined);
  const server = await shell.openServer();
  try {
    if (server.attached) throw new RestoreError('The gateway of this database runs. Stop it first.');
    let count = 0;
    const rows = await pipeline(source.stream, createGunzip(), async (bytes: AsyncIterable<Buffer>) => {
      async function* texts(): AsyncGenerator<string> {
        for await (const { text } of readLines(bytes)) {
          if (text === undefined) throw new RestoreError('The backup is damaged; nothing was restored.');
          yield text;
          count += 1;
          progress.show(count, 0);
        }
      }
      return restore(server.direct, texts());
    });
    return { rows, seconds: progress.seconds };
  } catch (error) {
    if (!isGzipFault(error)) throw error;
    throw new CommandFailure('The file is no backup, or it is damaged; nothing was restored.', exitCodes.failed);
  } finally {
    progress.clear();
    await server.stop();
  }
}

const isGzipFault = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && typeof error.code === 'string' && error.code.startsWith('Z_');
