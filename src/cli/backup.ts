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
The backup is a consistent snapshot, also while the gateway runs. The embedded database blocks other access until the
backup is complete; PostgreSQL does not, and has its own tools for large databases. Other files in DATA_DIR, such as
unsent mails, are not included.
Exit code: 0 success, 1 failed while running, 2 the file cannot be written.`;

const helpOfRestore = `
The database must not contain a workspace. Select a new one with DATA_DIR or DATABASE_URL, and stop its gateway. A
backup of an earlier release is migrated to this one.
Exit code: 0 success, 1 failed and nothing was restored, 2 the file cannot be read.`;

interface Result {
  rows: number;
  seconds: number;
}

const told = (what: string, { rows, seconds }: Result): string => `${what} ${rows} rows in ${seconds.toFixed(1)} s.`;

export function addBackupCommands(program: Command, shell: Shell): void {
  withJson(program.command('backup'))
    .description('Write the whole database to a file, for restore.')
    .argument('<file>', 'the backup file; it appears only when it is complete')
    .addHelpText('after', helpOfBackup)
    .action(async (file: string, options: OutputOptions) => {
      const result = await backUp(shell, file);
      print(shell, options, result, told('Backed up', result));
    });
  withJson(program.command('restore'))
    .description('Restore a backup into an empty database.')
    .argument('<file>', 'the backup file, or - for standard input')
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
