import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { graphql } from '../../generated/gql.js';
import type { Desk } from '../../kit/app.js';
import { startTestServer, type TestServer } from '../../kit/http.js';
import { mail, postMail } from '../../kit/mail.js';

/** The mails of a channel arrive at several addresses. */

let server: TestServer;
let desk: Desk;

beforeAll(async () => {
  server = await startTestServer();
});
beforeEach(async () => {
  desk = await server.createDesk();
});
afterAll(() => server.close());

const create = graphql(`
  mutation AddressesCreate($input: CreateChannelInput!) {
    createChannel(input: $input) { channel { databaseId address otherAddresses } userErrors { code path conflictingId } }
  }
`);
const update = graphql(`
  mutation AddressesUpdate($input: UpdateChannelInput!) {
    updateChannel(input: $input) { channel { otherAddresses } userErrors { code path conflictingId } }
  }
`);

async function channel(name: string, address: string, otherAddresses: string[] = []) {
  const { createChannel } = await desk.run(create, { input: { kind: 'EMAIL', name, address, otherAddresses } });
  return { ...createChannel, id: createChannel.channel?.databaseId ?? '' };
}

let count = 0;
async function channelOf(to: string): Promise<string | null> {
  count += 1;
  const { body } = await postMail(server, desk, mail({ To: to, 'Message-ID': `<addresses-${count}@example.com>` }));
  const { workspaceId } = desk;
  const found = await server.database.prisma.conversation.findFirst({
    where: { workspaceId, id: body.conversationId },
  });
  return found?.channelId ?? null;
}

test('each of them is that of the channel, also with a tag, and no address of a contact', async () => {
  const { id, channel: made } = await channel('Help', 'help@desk.test', ['hilfe@desk.test', 'Aide@desk.test']);
  expect(made?.otherAddresses).toEqual(['hilfe@desk.test', 'Aide@desk.test']);
  for (const to of ['help@desk.test', 'HILFE@desk.test', 'aide+tag@desk.test'])
    expect(await channelOf(to), to).toBe(id);
  const own = mail({ From: 'hilfe@desk.test', To: 'jane@example.com', 'Message-ID': '<own@desk.test>' });
  expect((await postMail(server, desk, own, { query: `?channel=${id}` })).status).toBe(201);
  const messages = await server.database.prisma.message.findMany({
    where: { workspaceId: desk.workspaceId, emailMessageId: 'own@desk.test' },
  });
  expect(messages).toMatchObject([{ direction: 'OUTBOUND' }]);
});

test('no two channels have one, whichever had it first', async () => {
  const { id } = await channel('Help', 'help@desk.test', ['hilfe@desk.test']);
  const taken = (path: string) => [{ code: 'CONFLICT', path: ['input', path], conflictingId: id }];
  expect((await channel('Sales', 'sales@desk.test', ['HELP@desk.test'])).userErrors).toEqual(taken('otherAddresses'));
  expect((await channel('Sales', 'Hilfe@desk.test')).userErrors).toEqual(taken('address'));
  expect((await channel('Sales', 'Help@desk.test')).userErrors).toEqual(taken('address'));
  const sales = await channel('Sales', 'sales@desk.test');
  const renamed = await desk.run(update, { input: { id: sales.id, address: 'HELP@desk.test' } });
  expect(renamed.updateChannel.userErrors).toEqual(taken('address'));
  const input = { id: sales.id, otherAddresses: ['hilfe@desk.test'] };
  expect((await desk.run(update, { input })).updateChannel.userErrors).toEqual(taken('otherAddresses'));
  await desk.run(update, { input: { id, otherAddresses: [] } });
  expect((await desk.run(update, { input })).updateChannel).toEqual({
    channel: { otherAddresses: ['hilfe@desk.test'] },
    userErrors: [],
  });
  expect(await channelOf('hilfe@desk.test')).toBe(sales.id);
});

test('only mailboxes have them', async () => {
  const input = { kind: 'CHAT' as const, name: 'Chat', otherAddresses: ['chat@desk.test'] };
  const { createChannel } = await desk.run(create, { input });
  expect(createChannel.userErrors).toEqual([
    { code: 'BAD_USER_INPUT', path: ['input', 'otherAddresses'], conflictingId: null },
  ]);
});
