import type { Command } from 'commander';
import { ensureMigrated } from '../db/migrations/migrations.js';
import { type OutputOptions, print, withJson } from './shell/output.js';
import type { Shell } from './shell/shell.js';

export function addMigrateCommand(program: Command, shell: Shell): void {
  withJson(program.command('migrate'))
    .description('Apply missing migrations. Other commands and the gateway do this automatically.')
    .action(async (output: OutputOptions) => {
      const server = await shell.openServer();
      try {
        const applied = await ensureMigrated(server);
        const text =
          applied.length === 0 ? 'The database is up to date.' : applied.map((name) => `Applied ${name}.`).join('\n');
        print(shell, output, { applied }, text);
      } finally {
        await server.stop();
      }
    });
}
