/** The command line: `npm run -s cli -- COMMAND`. */
import { openDatabaseServer } from '../db/server.js';
import { readEnvironment } from '../env.js';
import { openStorage } from '../lib/storage/open.js';
import { exitCodes } from './shell/failure.js';
import { runCommandLine } from './shell/program.js';
import type { Shell } from './shell/shell.js';

for (const stream of [process.stdout, process.stderr]) {
  // Whoever reads along may stop before the end, as head does.
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') return;
    if (stream === process.stdout) process.stderr.write(`Standard output cannot be written: ${error.message}\n`);
    process.exit(exitCodes.failed);
  });
}

const shell: Shell = {
  out: (text) => process.stdout.write(text),
  err: (text) => process.stderr.write(text),
  output: () => process.stdout,
  isTerminal: process.stderr.isTTY === true,
  input: () => process.stdin,
  openServer: async () => openDatabaseServer(readEnvironment(), 'tool'),
  openStorage: async () => openStorage(readEnvironment()),
};

// Not process.exit: what is still on its way into a pipe would be lost.
process.exitCode = await runCommandLine(process.argv.slice(2), shell);
