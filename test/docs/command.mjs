/** Has a command run by the command server at $COMMANDS, as if this process were the command. */
import { request } from 'node:http';

const path = `/${encodeURIComponent(JSON.stringify(process.argv.slice(2)))}`;
const asked = request({ socketPath: process.env.COMMANDS, path, method: 'POST' }, async (response) => {
  const { code, out, err } = JSON.parse((await response.toArray()).join(''));
  process.stdout.write(out);
  process.stderr.write(err);
  process.exitCode = code;
});
process.stdin.pipe(asked);
