import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { threadAddresses } from '../../../src/modules/email/thread-address.js';
import { startConversation } from '../../graphql/mutations.js';
import type { Desk } from '../../kit/app.js';
import { mail } from '../../kit/mail.js';
import {
  eventually,
  type MailServer,
  openPostOffice,
  type PostOffice,
  startMailServer,
} from '../../kit/post-office.js';

/** Mails ask for answers at addresses that name their conversation and are signed. */

let server: MailServer;
let office: PostOffice;
let desk: Desk;

beforeAll(async () => {
  server = await startMailServer(undefined, undefined, (number) => `Ok ${sesId(number)}`);
  office = await openPostOffice({ smtpUrl: server.url, outbox: '/dev/null/no-outbox', threadAddresses: true });
});
beforeEach(async () => {
  desk = await office.createDesk();
  await office.services.channels.create(desk.operator, { kind: 'EMAIL', name: 'Help', address: 'Help@desk.test' });
});
afterAll(async () => {
  await office.close();
  await server.close();
});

/** As Amazon SES answers, which puts the id before a host of its own. */
const sesId = (number: number): string => `0102018f0c2f${number}-1c2d3e4f-5a6b-7c8d-9e0f-a1b2c3d4e5f6-000000`;

let count = 0;
async function receive(headers: Record<string, string>, of: Desk = desk) {
  count += 1;
  const body = Buffer.from(mail({ 'Message-ID': `<thread-${count}@example.com>`, ...headers }));
  const taken = await office.services.inboundMail.take(of.operator, {
    contentType: 'message/rfc822',
    body,
    channelId: null,
  });
  if ('error' in taken) throw taken.error;
  return taken;
}

/** A conversation that the team began, and the address that its mail asks to answer to. */
async function asked(): Promise<{ conversationId: string; replyTo: string }> {
  count += 1;
  const email = `someone${count}@example.com`;
  const { startConversation: begun } = await desk.run(startConversation, { input: { email, text: 'Hello?' } });
  const letter = await eventually(() => {
    const found = server.letters.find(({ to }) => to.includes(email));
    if (!found) throw new Error('It has not come yet.');
    return found;
  });
  return {
    conversationId: begun.conversation?.databaseId ?? '',
    replyTo: /<([^<>]+)>/.exec(letter.header('reply-to') ?? '')?.[1] ?? '',
  };
}

test('an answer there finds the conversation, whoever writes it and however the address is written', async () => {
  const { conversationId, replyTo } = await asked();
  expect(replyTo).toMatch(/^Help\+thd_\d+\.[0-9a-f]{16}@desk\.test$/);
  const omar = { From: 'Omar <omar@example.com>', Subject: 'Another subject' };
  expect(await receive({ ...omar, To: replyTo })).toMatchObject({ conversationId, result: 'CREATED' });
  expect(await receive({ ...omar, To: replyTo.toUpperCase() })).toMatchObject({ conversationId });
  expect(await receive({ ...omar, To: 'other@x.example', 'Delivered-To': replyTo })).toMatchObject({ conversationId });
});

test('a wrong signature is as if there were none', async () => {
  const { conversationId, replyTo } = await asked();
  const other = await asked();
  const swapped = replyTo.replace(/\.[0-9a-f]{16}@/, /\.[0-9a-f]{16}@/.exec(other.replyTo)?.[0] ?? '');
  const forged = replyTo.replace(/\.(.)/, (_, first: string) => `.${first === 'a' ? 'b' : 'a'}`);
  const unsigned = replyTo.replace(/\.[0-9a-f]{16}@/, '@');
  const missing = replyTo.replace(/thd_\d+/, 'thd_4000000000');
  for (const to of [swapped, forged, unsigned, missing]) {
    const received = await receive({ From: `${count}@example.com`, To: to });
    expect([conversationId, other.conversationId], to).not.toContain(received.conversationId);
    const { channelId } = await office.database.prisma.conversation.findFirstOrThrow({
      where: { workspaceId: desk.workspaceId, id: received.conversationId },
    });
    expect(channelId, to).not.toBeNull();
  }
});

test('an address of one workspace names nothing in another', async () => {
  const { replyTo } = await asked();
  const { workspaceId } = desk;
  desk = await office.createDesk();
  await office.services.channels.create(desk.operator, { kind: 'EMAIL', name: 'Help', address: 'help@desk.test' });
  const { conversationId } = await receive({ From: 'eve@example.com', To: replyTo });
  const found = await office.database.prisma.conversation.findMany({ where: { id: conversationId } });
  expect(found.map((one) => one.workspaceId)).toEqual([desk.workspaceId]);
  expect(desk.workspaceId).not.toBe(workspaceId);
});

test('the mail that an answer names outranks the address, and one to a deleted contact begins anew', async () => {
  const first = await asked();
  const known = await receive({ From: 'omar@example.com', 'Message-ID': '<known@example.com>' });
  const answer = { From: 'omar@example.com', To: first.replyTo, 'In-Reply-To': '<known@example.com>' };
  expect(await receive(answer)).toMatchObject({ conversationId: known.conversationId });
  const { customerId } = await office.database.prisma.conversation.findFirstOrThrow({
    where: { workspaceId: desk.workspaceId, id: first.conversationId },
  });
  await office.services.customers.delete(desk.operator, { id: customerId, mode: 'SCRUB' });
  const begun = await receive({ From: 'omar@example.com', To: first.replyTo });
  expect(begun.conversationId).not.toBe(first.conversationId);
});

test('a mailbox that leaves no room has none', async () => {
  const addresses = threadAddresses(office.database);
  const conversation = { id: 'thd_1', number: 1_000_000 };
  expect(await addresses.of(`${'a'.repeat(35)}@desk.test`, 'wrk_1', conversation)).toMatch(
    /^a{35}\+thd_1000000\..{16}@desk\.test$/,
  );
  expect(await addresses.of(`${'a'.repeat(36)}@desk.test`, 'wrk_1', conversation)).toBeNull();
});

test('an answer to the id under which the relay passed a mail on finds the conversation', async () => {
  const { conversationId } = await asked();
  const { workspaceId } = desk;
  const { relayMessageId } = await eventually(() =>
    office.database.prisma.message.findFirstOrThrow({
      where: { workspaceId, conversationId, relayMessageId: { not: null } },
    }),
  );
  expect(relayMessageId).toMatch(/^0102018f0c2f\d+-.*-000000$/);
  const answer = { From: 'omar@example.com', 'In-Reply-To': `<${relayMessageId}@eu-west-1.amazonses.com>` };
  expect(await receive(answer)).toMatchObject({ conversationId, result: 'CREATED' });
});
