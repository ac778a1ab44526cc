// Measures how many mails a second one process of the gateway takes in over HTTP, and its memory while large ones come.
import { createApiKey } from '../rivals/deskgraph.js';
import { workspaceId } from './database/dataset.js';
import { startGateway } from './server/gateway.js';
import { largeMail, mailOf, threadOf } from './mail/mails.js';
import { report } from './mail/report.js';
import { peakMemory, residentMemory } from './server/process.js';
import { versionOf } from './server/server.js';
import { undoing } from './undoing.js';

const seconds = 10;
const connections = 8;
const largeBytes = 20 * 1024 * 1024;
const largeMails = 8;
const largeConnections = 2;
const address = 'bench@desk.example';

/** @param {string} text */
const say = (text) => process.stderr.write(`${text}\n`);

await undoing(async (cleanups) => {
  const { node, database, server } = await startGateway(cleanups);
  const { origin, pid } = server;
  const headers = { authorization: `Bearer ${await createApiKey(database.url, workspaceId)}` };
  const query = `mutation { createChannel(input: { kind: EMAIL, name: "Bench", address: "${address}" }) { userErrors { message } } }`;
  const made = await fetch(`${origin}/graphql`, {
    method: 'POST',
    headers: { ...headers, 'content-type': 'application/json' },
    body: JSON.stringify({ query }),
  });
  if (!(await made.text()).includes('"userErrors":[]')) throw new Error('The channel was not made');

  /** @param {Buffer} body @returns {Promise<number>} milliseconds */
  const post = async (body) => {
    const start = performance.now();
    const response = await fetch(`${origin}/inbound/email`, {
      method: 'POST',
      headers: { ...headers, 'content-type': 'message/rfc822' },
      body: new Uint8Array(body),
    });
    const answer = await response.text();
    if (response.status !== 201) throw new Error(`A mail was answered with ${response.status}: ${answer}`);
    return performance.now() - start;
  };

  let count = 0;
  /**
   * Posts mails until `isOver`, some at once.
   * @param {(count: number) => Buffer} make @param {number} atOnce @param {() => boolean} isOver
   */
  const press = async (make, atOnce, isOver) => {
    /** @type {number[]} */
    const times = [];
    const start = performance.now();
    await Promise.all(
      Array.from({ length: atOnce }, async () => {
        while (!isOver()) times.push(await post(make((count += 1))));
      }),
    );
    return { times, seconds: (performance.now() - start) / 1_000 };
  };
  /** @param {number} length seconds */
  const until = (length) => {
    const end = performance.now() + length * 1_000;
    return () => performance.now() >= end;
  };

  say('Warming …');
  await press((number) => mailOf(address, number), connections, until(3));
  const before = residentMemory(pid);
  say('Mails that begin conversations …');
  const begun = await press((number) => mailOf(address, number), connections, until(seconds));
  say('Answers …');
  await post(mailOf(address, 0));
  const answers = await press((number) => threadOf(address, number), connections, until(seconds));
  const small = peakMemory(pid);
  say('Mails of 20 MiB …');
  let left = largeMails;
  const large = await press((number) => largeMail(address, number, largeBytes), largeConnections, () => (left -= 1) < 0);

  process.stdout.write(`Node.js ${await versionOf(node)}; ${connections} connections, for large mails ${largeConnections}.\n\n`);
  const rows = [
    { title: 'mails of 4 KiB that begin conversations', ...begun },
    { title: 'mails of 4 KiB that answer one', ...answers },
    { title: 'mails with a file, 20 MiB each', ...large },
  ];
  process.stdout.write(`${report(rows, { before, small, peak: peakMemory(pid) })}\n`);
});
