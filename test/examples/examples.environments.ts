import { type ChildProcess, spawn } from 'node:child_process';
import { rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { type Gateway, kill, startGateway } from '../kit/gateway.js';
import { temporaryDirectory } from '../kit/temporary.js';

/** The examples that run in Node.js, each as a process of its own, beside a gateway with its demo workspace. */

let gateway: Gateway;
let dataDir: string;
let key: string;
const children: ChildProcess[] = [];

beforeAll(async () => {
  dataDir = await temporaryDirectory();
  gateway = await startGateway({ DATA_DIR: dataDir, WEBHOOK_ALLOW: '127.0.0.1', LOG_LEVEL: 'error' });
  await vi.waitFor(() => expect(gateway.out()).toContain('demo key'), { timeout: 120_000, interval: 200 });
  key = /demo key of an integration: (\S+)/.exec(gateway.out())?.[1] ?? '';
});
afterAll(async () => {
  for (const child of children) child.kill('SIGKILL');
  await kill(gateway);
  await rm(dataDir, { recursive: true });
});

/** Runs an example, and answers what it has printed so far. */
function run(script: string, variables: Record<string, string>): () => string {
  const child = spawn(process.execPath, [`examples/${script}`], {
    env: { PATH: process.env.PATH, ...variables },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  children.push(child);
  let printed = '';
  child.stdout.on('data', (chunk) => (printed += chunk));
  child.stderr.on('data', (chunk) => (printed += chunk));
  return () => printed;
}

async function mutate<Payload>(field: string, input: object): Promise<Payload> {
  const name = `${field[0]?.toUpperCase()}${field.slice(1)}Input`;
  const selection = field === 'createWebhookEndpoint' ? 'secret' : 'conversation { databaseId }';
  const query = `mutation Do($input: ${name}!) { ${field}(input: $input) { ${selection} userErrors { message } } }`;
  const response = await fetch(`${gateway.url}/graphql`, {
    method: 'POST',
    headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
    body: JSON.stringify({ query, variables: { input } }),
  });
  const { data, errors } = await response.json();
  expect({ errors, userErrors: data?.[field].userErrors }).toEqual({ errors: undefined, userErrors: [] });
  return data[field];
}

const ask = (subject: string, text: string) =>
  mutate<{ conversation: { databaseId: string } }>('startConversation', {
    email: 'example@customers.example',
    subject,
    text,
    direction: 'INBOUND',
  });

/** An endpoint at a port of this machine, and its secret. */
const endpointAt = (port: number, eventTypes: string[]) =>
  mutate<{ secret: string }>('createWebhookEndpoint', { url: `http://127.0.0.1:${port}/`, eventTypes });

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

test('urql: the terminal shows the inbox, and what comes into it', async () => {
  const printed = run('urql/inbox.js', { DESKGRAPH_URL: gateway.url, DESKGRAPH_KEY: key });
  await expect.poll(printed).toContain('Following …');
  expect(printed()).toMatch(/^open: /m);
  // The subscription begins a moment after it was asked for.
  await expect
    .poll(async () => {
      await ask('Seen in the terminal', 'Is anybody there?');
      return printed();
    })
    .toContain('Seen in the terminal: Is anybody there?');
});

test('webhook-receiver: events are verified, and handled once', async () => {
  const port = await freePort();
  const { secret } = await endpointAt(port, ['conversation.created']);
  const printed = run('webhook-receiver/server.js', { WEBHOOK_SECRET: secret, PORT: String(port) });
  await expect.poll(printed).toContain(`Listening on port ${port}`);
  const { conversation } = await ask('Received', 'By a webhook.');
  await expect.poll(printed).toContain(`conversation.created ${conversation.databaseId}\n`);
  const headers = { 'webhook-id': 'evt_1', 'webhook-timestamp': '1', 'webhook-signature': 'v1,AAAA' };
  const forged = await fetch(`http://127.0.0.1:${port}/`, { method: 'POST', headers, body: '{}' });
  expect(forged.status).toBe(401);
});

test('slack-notifier: what customers write is told to the channel', async () => {
  const told: string[] = [];
  const slack = createServer(async (request, response) => {
    told.push(JSON.parse(Buffer.concat(await request.toArray()).toString()).text);
    response.end('ok');
  }).listen(0, '127.0.0.1');
  const port = await freePort();
  const { secret } = await endpointAt(port, ['message.created']);
  const printed = run('slack-notifier/server.js', {
    WEBHOOK_SECRET: secret,
    SLACK_WEBHOOK_URL: `http://127.0.0.1:${(slack.address() as AddressInfo).port}/`,
    PORT: String(port),
  });
  await expect.poll(printed).toContain(`Listening on port ${port}`);
  await ask('Told', 'Is 1 < 2?');
  await expect.poll(() => told).toContain('A customer wrote: Is 1 &lt; 2?');
  slack.close();
});
