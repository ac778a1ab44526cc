import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { createApp } from '../../../../src/app.js';
import { startQueue } from '../../../../src/db/queue/queue.js';
import { readAllowedTargets } from '../../../../src/lib/http/targets.js';
import { createLog } from '../../../../src/lib/process/log.js';
import { run as runCommand } from '../../../cli/run.js';
import { graphql } from '../../../generated/gql.js';
import { openTestApp } from '../../../kit/app.js';
import { createTestDatabase, type TestDatabase } from '../../../kit/database.js';
import { tracesBelow, tracesIn } from '../../../kit/everything.js';
import { listen, type TestServer } from '../../../kit/http.js';
import { initOf } from '../../../kit/keyed.js';
import { mail, multipart, postMail } from '../../../kit/mail.js';
import { call } from '../../../kit/rest.js';
import { type Story, tellStory } from '../../../kit/story.js';
import { openSink, type Sink } from '../../webhooks/sink.js';
import { deleteCustomer, mergeCustomers, updateCustomer } from '../customer-mutations.js';

/** Somebody whose every value is a word that nothing else has, with what was noted of another address of hers. */
const person = {
  name: 'Quenby Zyxwolf',
  email: 'quenby.zyx@markers.test',
  phone: '+1 (415) 555-8142',
  externalId: 'usr_MARK7Q9',
};
const other = {
  name: 'Zyxelina Quorrin',
  email: 'second@markers.test',
  phone: '+44 20 7946 0991',
  externalId: 'usr_SECOND7',
};

/** Everything that says who it is, in any spelling, and a word that only she and notes about her have. */
const traces =
  /quenby|zyxwolf|zyxelin|quorrin|markers.{0,3}test|mark7q9|second7|555.{0,4}8142|5558142|7946.{0,4}0991|79460991|wombat/i;

/** What names her: an agent's text that keeps its other words. */
const letter = [
  'Hello Quenby,',
  'your number (415) 555-8142, tel:+14155558142 and 001 415 555 8142 is noted; write to QUENBY.ZYX@markers.test,',
  'or open https://desk.test/u/usr_MARK7Q9?to=quenby.zyx%40markers.test&n=Quenby%20Zyxwolf. A refund was made.',
  '> From: "Zyxwolf, Quenby" <quenby.zyx@markers.test>',
].join('\n');
const html =
  '<p>Hello <b>Quenby</b> Zyxwolf, <a href="mailto:quenby.zyx@markers.test" title="usr_MARK7Q9">write</a> from 415&#8209;555&#8209;8142 or quenby.<i>zyx</i>@markers.test. A refund was made.</p>';

const start = graphql(`
  mutation EverywhereStart($input: StartConversationInput!) {
    startConversation(input: $input) { conversation { databaseId } contact { databaseId } userErrors { message } }
  }
`);
const add = graphql(`
  mutation EverywhereAdd($input: AddMessageInput!) {
    addMessage(input: $input) { message { databaseId text html } userErrors { message } }
  }
`);
const edit = graphql(`
  mutation EverywhereEdit($input: EditNoteInput!) { editNote(input: $input) { userErrors { message } } }
`);
const analysed = graphql(`
  query EverywhereAnalysed($id: ID!) {
    customer(id: $id) { journey { nodes { kind message { text } } } }
  }
`);
const findAll = graphql(`
  query EverywhereSearch($text: String!) {
    search(query: $text) {
      contacts { node { databaseId } } conversations { node { databaseId } } messages { node { databaseId } }
    }
  }
`);
const kept = graphql(`
  query EverywhereKept($id: ID!) {
    conversation(id: $id) { status subject messages { nodes { direction isInternal text html status } } }
  }
`);

let own: TestDatabase;
let server: TestServer;
let sink: Sink;
let directory: string;
let stop: () => Promise<void>;
const logged: string[] = [];

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'deskgraph-test-'));
  own = await createTestDatabase();
  sink = await openSink();
  // It repeats what it is told.
  sink.answer('/hook', (response, { body }) => response.writeHead(500).end(body.slice(-1_000)));
  const log = createLog('trace', { write: (line) => void logged.push(line) });
  const options = {
    log,
    mail: { outbox: join(directory, 'outbox'), from: 'help@desk.test' },
    webhooks: { targets: readAllowedTargets('127.0.0.1'), delaysMs: [50, 3_600_000] },
  };
  const testApp = await openTestApp({ connection: own.connection, ...options });
  const background = await createApp({ database: testApp.database, ...options });
  const queue = startQueue({ connection: own.connection, log, workers: background.workers, pollMs: 50 });
  const dispatcher = background.dispatchWebhooks();
  stop = async () => {
    await Promise.all([queue.stop(), dispatcher.stop()]);
    await background.close();
  };
  server = await listen(testApp);
});
afterAll(async () => {
  await stop();
  await server.close();
  await sink.close();
  await own.drop();
  await rm(directory, { recursive: true });
});

/** A mutation that is kept under an idempotency key. */
async function keyed(story: Story, key: string, query: string, variables: object): Promise<void> {
  const answer = await fetch(server.endpoint, initOf({ query, variables }, key, story.desk));
  expect(await answer.json()).not.toHaveProperty('errors');
}

async function ok(answer: Promise<{ status: number; body: unknown }>): Promise<never> {
  const { status, body } = await answer;
  if (status >= 300) throw new Error(`${status} ${JSON.stringify(body)}`);
  return body as never;
}

/** She passes through every part of the gateway. Returns her id, and a conversation with her and with another. */
async function passThrough(story: Story) {
  const { desk, ada, billing, mailbox } = story;
  const { operator, workspaceId } = desk;
  await desk.run(
    graphql(`mutation EverywhereHook($input: CreateWebhookEndpointInput!) {
      createWebhookEndpoint(input: $input) { userErrors { message } }
    }`),
    { input: { url: `${sink.url}/hook`, description: 'For Quenby Zyxwolf' } },
  );
  // The three dialects.
  const inbox = `/v1/workspaces/${workspaceId}/support/inbox`;
  const made: { id: string } = await ok(
    call(server, desk, '/v1/customers', {
      method: 'POST',
      headers: { 'idempotency-key': `rest-${workspaceId}` },
      body: { externalId: person.externalId, email: person.email, name: person.name, metadata: { note: 'wombat' } },
    }),
  );
  const { id } = made;
  await ok(
    call(server, desk, `/customers/ext_${person.externalId}`, { method: 'PATCH', body: { phone: person.phone } }),
  );
  const customer = await server.database.prisma.customer.findFirstOrThrow({ where: { workspaceId, id } });
  const workspace = await server.database.prisma.workspace.findFirstOrThrow({ where: { id: workspaceId } });
  await ok(
    call(server, desk, `/api/v1/teams/${workspace.uuid}/customers/${customer.uuid}`, {
      method: 'PATCH',
      body: { notes: 'She is a wombat', tags: ['wombat'], customFields: { mother: 'Quenby Zyxwolf' } },
    }),
  );
  const begun: { conversation: { id: string } } = await ok(
    call(server, desk, `${inbox}/conversations`, {
      method: 'POST',
      body: { email: person.email, subject: 'For Quenby Zyxwolf', contentText: letter },
    }),
  );
  await ok(
    call(server, desk, `/api/v1/teams/${workspace.uuid}/tickets/${begun.conversation.id}`, {
      method: 'PATCH',
      body: { notes: 'A wombat', metadata: { animal: 'A wombat' } },
    }),
  );
  // Mails and messages.
  const boundary = 'b1';
  await postMail(
    server,
    desk,
    mail(
      {
        From: `"${person.name}" <${person.email}>`,
        'Message-ID': '<quenby-1@markers.test>',
        Subject: 'A wombat',
        'Content-Type': `multipart/mixed; boundary=${boundary}`,
      },
      multipart(
        boundary,
        'Content-Type: text/plain\r\n\r\nI am a wombat. Quenby',
        'Content-Type: application/pdf\r\nContent-Disposition: attachment; filename="wombat.pdf"\r\n\r\nwombat',
      ),
    ),
  );
  const conversationId = begun.conversation.id;
  const attachments = [{ fileName: 'Quenby_Zyxwolf.pdf', url: 'https://files.test/usr_MARK7Q9/quenby.pdf' }];
  const query = `mutation M($input: AddMessageInput!) { addMessage(input: $input) {
    message { databaseId text html conversation { contact { name email } } } userErrors { message } } }`;
  await keyed(story, `graph-${workspaceId}`, query, {
    input: { conversationId, text: letter, html, agentId: ada.id, attachments },
  });
  const note = { conversationId, text: 'A wombat, see quenby.zyx@markers.test', isInternal: true };
  const noted = await desk.run(add, { input: note });
  await desk.run(edit, { input: { id: noted.addMessage.message?.databaseId ?? '', text: 'Not a wombat' } });
  // What others are told of her.
  await desk.run(add, {
    input: { conversationId: billing.id, text: `As with Quenby Zyxwolf: ${letter}`, isInternal: true },
  });
  await desk.run(add, {
    input: { conversationId: billing.id, text: 'She asked +1 415 555 8142 as well', html, direction: 'INBOUND' },
  });
  await desk.run(updateCustomer, {
    input: {
      id: story.omar.id,
      notes: `Knows ${person.email}`,
      metadata: { referrer: person.name },
      tags: ['zyxwolf quenby'],
    },
  });
  await desk.run(start, {
    input: {
      email: 'third@desk.test',
      subject: 'Re: Quenby Zyxwolf',
      text: 'About usr_MARK7Q9.',
      notes: 'Knows Quenby Zyxwolf',
      metadata: { knows: ['Quenby Zyxwolf'] },
    },
  });
  await keyed(
    story,
    `other-${workspaceId}`,
    'mutation M($input: UpdateCustomerInput!) { updateCustomer(input: $input) { customer { notes } } }',
    {
      input: { id: story.omar.id, notes: `Still knows ${person.email}` },
    },
  );
  // Revenue.
  await server.services.clicks.record(operator, {
    customerId: id,
    clickId: `quenby.zyx@markers.test ${workspaceId}`,
    utmSource: 'quenby.zyx@markers.test',
    url: 'https://shop.test/?q=wombat',
    referrer: 'https://mail.test/?u=quenby.zyx%40markers.test',
  });
  const orderId = `usr_MARK7Q9 ${workspaceId}`;
  await server.services.conversions.record(operator, {
    ...{ customerId: id, class: 'SALE', orderId, amountMinor: 1_000n, pixelId: person.externalId },
    metadata: { shop: 'wombat', mail: person.email },
  });
  await server.services.conversions.record(operator, {
    ...{ externalId: 'usr_friend', class: 'LEAD', metadata: { broughtBy: [person.email] } },
  });
  await server.services.clicks.record(operator, {
    clickId: 'free',
    url: 'https://shop.test/?email=quenby.zyx%40markers.test',
  });
  await desk.run(analysed, { id });
  // Whose mails are kept out.
  await server.services.blockedSenders.block(operator, { pattern: person.email, reason: 'A wombat' });
  await server.services.blockedSenders.block(operator, { pattern: 'elsewhere.test', reason: `As ${person.email}` });
  // Somebody else who turns out to be her.
  const second = await server.services.customers.upsert(operator, { ...other, notes: 'wombat', tags: ['wombat'] });
  await server.services.conversations.start(operator, {
    contactId: second.customer.id,
    text: 'wombat',
    direction: 'INBOUND',
    channelId: mailbox.id,
  });
  await desk.run(mergeCustomers, { input: { sourceId: second.customer.id, targetId: id } });
  // Files.
  const exported = await runCommand(['export', 'conversations', '--workspace', workspaceId], own);
  expect(exported.out).toContain(person.email);
  const imported = exported.out.split('\n').filter((line) => line.includes(conversationId));
  await runCommand(['import', 'conversations', '-', '--workspace', workspaceId], {
    ...own,
    input: imported.join('\n'),
  });
  return { id, conversationId };
}

/** Waits until mails were written and endpoints have answered, so that there is something to erase. */
async function settle(story: Story): Promise<void> {
  const { workspaceId } = story.desk;
  const { prisma } = server.database;
  await vi.waitFor(
    async () => {
      expect(
        await prisma.webhookAttempt.count({ where: { workspaceId, responseExcerpt: { contains: 'uenby' } } }),
      ).toBeGreaterThan(0);
      expect(await tracesBelow(directory, traces)).not.toEqual([]);
      expect(await tracesIn(server, traces)).not.toEqual([]);
    },
    { timeout: 120_000, interval: 100 },
  );
}

describe.each(['SCRUB', 'PURGE'] as const)('%s', (mode) => {
  let story: Story;
  let ids: Awaited<ReturnType<typeof passThrough>>;

  beforeAll(async () => {
    story = await tellStory(server);
    ids = await passThrough(story);
    await settle(story);
  });

  test('leaves nothing that names the person: in no table, no file below the data directory and no line of the log', async () => {
    const { deleteCustomer: answer } = await story.desk.run(deleteCustomer, { input: { id: ids.id, mode } });
    expect(answer.userErrors).toEqual([]);
    expect(await tracesIn(server, traces)).toEqual([]);
    expect(await tracesBelow(directory, traces)).toEqual([]);
    const counts = Object.fromEntries(
      (answer.receipt ?? []).map(({ table, action, count }) => [`${table} ${action}`, count]),
    );
    const all = [
      'WebhookAttempt BLANKED',
      'IdempotencyRecord BLANKED',
      'MailFile REMOVED',
      'Message MASKED',
      'Customer MASKED',
      'WebhookEndpoint MASKED',
      'Click MASKED',
      'Conversion MASKED',
      'MessageAttachment REMOVED',
    ];
    for (const name of all) expect({ [name]: counts[name] }).not.toEqual({ [name]: 0 });
    expect(counts).toMatchObject({ 'BlockedSender REMOVED': 1, 'BlockedSender MASKED': 1 });
  });

  test('stays like that when what was under way has ended', async () => {
    const { prisma } = server.database;
    const { workspaceId } = story.desk;
    const before = { workspaceId, attemptCount: 0 };
    await vi.waitFor(async () => expect(await prisma.webhookDelivery.count({ where: before })).toBe(0), {
      timeout: 120_000,
      interval: 100,
    });
    expect(await tracesIn(server, traces)).toEqual([]);
    expect(await tracesBelow(directory, traces)).toEqual([]);
    expect(logged.filter((line) => traces.test(line))).toEqual([]);
  });

  test('is not found by search', async () => {
    for (const text of [person.name, person.email, 'Zyxwolf', '555-8142', person.externalId, 'wombat']) {
      expect(await story.desk.run(findAll, { text })).toEqual({
        search: { contacts: [], conversations: [], messages: [] },
      });
    }
  });

  test('a request that is sent again is neither answered as before nor done again', async () => {
    const query = 'mutation M($input: UpdateCustomerInput!) { updateCustomer(input: $input) { customer { notes } } }';
    const variables = { input: { id: story.omar.id, notes: `Still knows ${person.email}` } };
    const answer = await fetch(
      server.endpoint,
      initOf({ query, variables }, `other-${story.desk.workspaceId}`, story.desk),
    );
    expect(await answer.json()).toMatchObject({ errors: [{ extensions: { code: 'NOT_FOUND' } }] });
    expect(await tracesIn(server, traces)).toEqual([]);
  });

  test('what the team wrote keeps its other words', async () => {
    const { conversation } = await story.desk.run(kept, { id: ids.conversationId });
    if (mode === 'PURGE') return expect(conversation).toBeNull();
    expect(conversation).toMatchObject({ status: 'CLOSED', subject: null });
    const sent = (conversation?.messages.nodes ?? []).filter(
      ({ direction, isInternal }) => direction === 'OUTBOUND' && !isInternal,
    );
    expect(sent).toHaveLength(2);
    for (const { text } of sent) {
      expect(text).toMatch(
        /^Hello \[redacted\],\nyour number \[redacted\], tel:\[redacted\] and \[redacted\] is noted/,
      );
      expect(text).toContain('A refund was made.\n> From: "[redacted]" <[redacted]>');
    }
    const written = sent.map((message) => message.html).find((text) => text !== null);
    expect(written).toContain('A refund was made.</p>');
    expect(written).toContain('<a title="[redacted]">write</a> from [redacted] or [redacted]');
  });
});
