/**
 * Runs commands for the samples of the documents: the compiled command line, in one process for all of them, because to
 * start one for each takes longer than what they do. Works in the directory it is started in.
 *
 * Argument: the path of its socket. Takes requests whose path is the JSON of the arguments of a command and whose body is
 * its standard input; answers JSON with the exit code and what the command printed.
 */
import { createServer } from 'node:http';
import { Writable } from 'node:stream';
import { runCommandLine } from '../../dist/src/cli/shell/program.js';
import { openDatabaseServer } from '../../dist/src/db/server.js';
import { readEnvironment } from '../../dist/src/env.js';

async function run(args, input) {
  const [out, err] = [[], []];
  const output = new Writable({ decodeStrings: false, write: (chunk, _encoding, done) => done(void out.push(chunk)) });
  const code = await runCommandLine(args, {
    out: (text) => out.push(text),
    err: (text) => err.push(text),
    output: () => output,
    isTerminal: false,
    input: () => input,
    openServer: () => openDatabaseServer(readEnvironment(), 'tool'),
  });
  return { code, out: out.join(''), err: err.join('') };
}

const server = createServer(async (request, response) => {
  const args = JSON.parse(decodeURIComponent(request.url.slice(1)));
  response.end(JSON.stringify(await run(args, request)));
});
server.listen(process.argv[2], () => process.send('ready'));
process.once('disconnect', () => process.exit());
