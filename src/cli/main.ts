/** The command line: `npm run -s cli -- COMMAND`. */
import { openDatabaseServer } from '../db/server.js';
import { readEnvironment } from '../env.js';
import { openStorage } from '../lib/storage/open.js';
import { exitCodes } from './shell/failure.js';
import { runCommandLine } from './shell/program.js';
import type { Shell } from './shell/shell.js';

for (const stream of [process.stdout, process.stderr]) {
  // The reader of standard output may stop early, as head does.
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

// process.exit would lose output that has not been written to a pipe yet.
process.exitCode = await runCommandLine(process.argv.slice(2), shell);
