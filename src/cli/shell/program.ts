import { Command, CommanderError } from 'commander';
import { addAgentCommands } from '../agents.js';
import { addBackupCommands } from '../backup.js';
import { addDocumentCommands } from '../documents.js';
import { addExportCommands } from '../export.js';
import { addImportCommands } from '../import.js';
import { addKeyCommands } from '../keys.js';
import { addMigrateCommand } from '../migrate.js';
import { addSeedCommand } from '../seed.js';
import { addWorkspaceCommands } from '../workspace.js';
import { exitCodeOf, exitCodes, reasonOf } from './failure.js';
import type { Shell } from './shell.js';

/** Runs the command in the arguments and returns its exit code. An error is written as one line to standard error. */
export async function runCommandLine(args: readonly string[], shell: Shell): Promise<number> {
  try {
    await createProgram(shell).parseAsync(args, { from: 'user' });
    return exitCodes.done;
  } catch (error) {
    // Commander has already written its own message.
    if (!(error instanceof CommanderError)) shell.err(`${reasonOf(error)}\n`);
    return exitCodeOf(error);
  }
}

function createProgram(shell: Shell): Command {
  const program = new Command('deskgraph')
    .usage('COMMAND [options]')
    .description('Administer a Deskgraph installation. Commands work on its database, also while the gateway runs.')
    .addHelpText('after', '\nTo start the gateway: npm start, or npx deskgraph start if it was installed as a package.')
    .helpCommand(false)
    .exitOverride()
    .configureOutput({
      writeOut: shell.out,
      writeErr: shell.err,
      outputError: (text, write) => write(`${text.trim().replaceAll('\n', ' ')}\n`),
    });
  addWorkspaceCommands(program, shell);
  addKeyCommands(program, shell);
  addAgentCommands(program, shell);
  addDocumentCommands(program, shell);
  addImportCommands(program, shell);
  addExportCommands(program, shell);
  addBackupCommands(program, shell);
  addMigrateCommand(program, shell);
  addSeedCommand(program, shell);
  return program;
}
