import { afterAll, beforeAll, expect, test } from 'vitest';
import { threadAddresses } from '../../src/modules/email/thread-address.js';
import { startTestServer, type TestServer } from '../kit/http.js';
import { mail, postMail } from '../kit/mail.js';
import { type Story, tellStory } from '../kit/story.js';

/** What the gateway signs opens one thing of one workspace for a time, and nobody can make it open another. */

let server: TestServer;
let story: Story;
let other: Story;
let messageId: string;

beforeAll(async () => {
  server = await startTestServer();
  story = await tellStory(server);
  other = await tellStory(server);
  const { address } = story.mailbox;
  const { status, body } = await postMail(server, story.desk, mail({ To: `${address}` }));
  expect(status).toBe(201);
  messageId = body.messageId;
});
afterAll(() => server.close());

const open = async (path: string): Promise<number> => {
  const answer = await fetch(`${server.origin}${path}`);
  await answer.arrayBuffer();
  return answer.status;
};

test('a link opens what it was made for, and nothing when anything of it is changed', async () => {
  const { workspaceId } = story.desk;
  const { links } = server.services.files;
  const { pathname, searchParams } = new URL(await links.urlOf(workspaceId, messageId));
  const [expires = '', signature = ''] = ['expires', 'signature'].map((name) => searchParams.get(name) ?? '');
  expect(await open(`${pathname}?expires=${expires}&signature=${signature}`)).toBe(200);

  const elsewhere = new URL(await links.urlOf(other.desk.workspaceId, messageId));
  const theirs = elsewhere.searchParams.get('signature') ?? '';
  const turned = `${signature.startsWith('A') ? 'B' : 'A'}${signature.slice(1)}`;
  const later = String(Number(expires) + 1);
  const forged: [string, string, string][] = [
    [pathname, later, signature],
    [pathname, `0${expires}`, signature],
    [pathname, `${expires}.0`, signature],
    [pathname, `${expires} `, signature],
    [pathname, `${Number(expires).toExponential()}`, signature],
    [pathname, expires, ''],
    [pathname, expires, turned],
    [pathname, expires, signature.slice(0, -2)],
    [pathname, expires, theirs],
    [pathname.replace(workspaceId, other.desk.workspaceId), expires, signature],
    [pathname.replace(messageId, 'msg_1'), expires, signature],
    // What is signed is one text: its parts cannot be moved against each other.
    [`/attachments/${workspaceId}-/${messageId}`, expires, signature],
    [`/attachments/${workspaceId}/${messageId}/${expires}`, '', signature],
  ];
  const statuses = await Promise.all(
    forged.map(([path, until, by]) => open(`${path}?expires=${encodeURIComponent(until)}&signature=${by}`)),
  );
  expect(statuses.map((status) => [403, 404].includes(status))).toEqual(forged.map(() => true));
  // Its signature is right, but what it names is not of that workspace.
  expect(await open(`${elsewhere.pathname}${elsewhere.search}`)).toBe(404);
});

test('an address of a conversation names it in its workspace alone, and cannot be guessed from another', async () => {
  const threads = threadAddresses(server.database);
  const { workspaceId } = story.desk;
  const { id, number } = story.billing;
  const address = (await threads.of('help@desk.test', workspaceId, { id, number })) ?? '';
  const named = (text: string, workspace = workspaceId) => threads.namedBy(workspace, [text]);
  expect(await named(address)).toBe(id);
  expect(await named(address.toUpperCase())).toBe(id);
  const signature = /\.([0-9a-f]{16})@/.exec(address)?.[1] ?? '';
  for (const forged of [
    address.replace(`thd_${number}`, `thd_${number + 1}`),
    address.replace(`thd_${number}`, `thd_0${number}`),
    address.replace(signature, '0'.repeat(16)),
    address.replace(signature, signature.slice(1)),
    address.replace(signature, `${signature}0`),
  ]) {
    expect(await named(forged), forged).toBe(null);
  }
  expect(await named(address, other.desk.workspaceId)).toBe(null);
  // Whoever tries many in one mail is heard for the first few.
  const tries = Array.from({ length: 50 }, () => address.replace(signature, '0'.repeat(16)));
  expect(await threads.namedBy(workspaceId, [...tries, address])).toBe(null);
});
