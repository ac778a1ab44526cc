/**
 * Follows the README in a clean clone: `npm start`, then its first query with the key that was printed, and a second
 * start, which has nothing to set up. Prints how long each took until it served.
 */
import { equal, ok } from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const dataDir = await mkdtemp(join(tmpdir(), 'first-start-'));
const readme = await readFile('README.md', 'utf8');
const [, query] = readme.match(/^```graphql\n(.*?)^```$/ms);
ok(
  readme.includes(
    '```sh not-run: starts a server that goes on running; test/main.test.ts starts one in the same way\nnpm start\n',
  ),
);

const first = await start();
const [, key] = first.out.match(/demo key of an integration: (\S+)/);
const headers = { authorization: `Bearer ${key}`, 'content-type': 'application/json' };
const answer = await fetch(`${first.url}/graphql`, { method: 'POST', headers, body: JSON.stringify({ query }) });
equal((await answer.json()).data.conversations.nodes.length, 3);
for (const path of ['/', '/docs/start', '/docs/rest-reference', '/analytics', '/openapi.json']) {
  equal((await fetch(first.url + path)).status, 200);
}
await first.stop();

const second = await start();
equal(second.err, '');
ok(!second.out.includes('demo key'));
await second.stop();
await rm(dataDir, { recursive: true });
console.log(`Serves ${first.seconds} s after the first start of a clean clone, ${second.seconds} s after the second.`);

async function start() {
  const begin = performance.now();
  const url = `http://127.0.0.1:${await freePort()}`;
  const env = { ...bareEnvironment(), PORT: new URL(url).port, DATA_DIR: dataDir };
  const child = spawn('npm', ['start'], { env });
  const started = { url, out: '', err: '' };
  const ended = new Promise((resolve) => child.once('close', resolve));
  child.stderr.on('data', (chunk) => (started.err += chunk));
  const serving = new Promise((resolve) => {
    child.stdout.on('data', (chunk) => {
      started.out += chunk;
      if (started.out.includes(`${url}/analytics`)) resolve(true);
    });
  });
  ok((await Promise.race([serving, ended])) === true, `npm start ended: ${started.out}${started.err}`);
  started.seconds = ((performance.now() - begin) / 1000).toFixed(1);
  started.stop = async () => {
    child.kill('SIGTERM');
    equal(await ended, 0);
  };
  return started;
}

function freePort() {
  return new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });
}

/** What a shell knows, and how this machine reaches the network. */
function bareEnvironment() {
  const names = /^(PATH|HOME|NODE_EXTRA_CA_CERTS|(HTTPS?|NO)_PROXY)$/i;
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => names.test(name)));
}
