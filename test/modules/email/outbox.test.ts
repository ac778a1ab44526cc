import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Database } from '../../../src/db/database.js';
import { createLog } from '../../../src/lib/process/log.js';
import { conversationImporter } from '../../../src/modules/conversation/import/conversation.import.js';
import { parseMail } from '../../../src/modules/email/inbound/reading/inbound-email.parse.js';
import { mailWorkers } from '../../../src/modules/email/outbound/outbound-email.delivery.js';
import { fileTransport, type MailTransport } from '../../../src/modules/email/outbound/outbound-email.transports.js';
import { createServices } from '../../../src/services.js';
import { graphql } from '../../generated/gql.js';
import { hello, sendKeyed } from '../../kit/keyed.js';
import { eventually, openPostOffice, type PostOffice, readLetterFile } from '../../kit/post-office.js';
import { type Story, tellStory } from '../../kit/story.js';

let directory: string;
let outbox: string;
let office: PostOffice;
let story: Story;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'deskgraph-test-'));
  outbox = join(directory, 'outbox');
  office = await openPostOffice({ outbox, from: 'hello@gateway.test' });
});
beforeEach(async () => {
  story = await tellStory(office);
});
afterAll(async () => {
  await office.close();
  await rm(directory, { recursive: true });
});

const begun = graphql(`
  mutation BegunWithoutMailbox($email: String!) {
    startConversation(input: { email: $email, text: "Hello" }) {
      conversation { channel { kind name address } }
      message { databaseId }
    }
  }
`);

/** The services of a gateway that has no mail server. */
const services = () => createServices(office.database, { outgoing: { statusAtFirst: 'SENT' } });
const stored = (id: string) =>
  office.database.prisma.message.findFirstOrThrow({ where: { workspaceId: story.desk.workspaceId, id } });
const delivered = (id: string) =>
  eventually(async () => expect(await stored(id)).toMatchObject({ deliveredAt: expect.any(Date) }));

describe('without a mail server', () => {
  test('a message is sent at once, and its mail becomes a file', async () => {
    const { message } = await services().conversations.start(story.desk.operator, {
      email: 'zoe@example.com',
      subject: 'Hello',
      text: 'Following up',
    });
    expect(message.status).toBe('SENT');
    await delivered(message.id);
    const letter = await readLetterFile(join(outbox, `${message.id}.eml`));
    expect(letter.header('to')).toBe('zoe@example.com');
    expect(letter.header('message-id')).toBe(`<${message.id}@desk.test>`);
    expect(letter.body.trim()).toBe('Following up');
    // No draft is left beside it.
    expect((await readdir(outbox)).filter((name) => !name.endsWith('.eml'))).toEqual([]);
  });

  test('a workspace without a mailbox gets one with its first mail, and keeps it', async () => {
    const desk = await office.createDesk();
    const begin = async (email: string) => (await desk.run(begun, { email })).startConversation;
    const starts = await Promise.all(['zoe@example.com', 'yan@example.com'].map(begin));
    for (const { conversation, message } of starts) {
      expect(conversation?.channel).toMatchObject({ kind: 'EMAIL', address: 'hello@gateway.test' });
      const letter = await eventually(() => readLetterFile(join(outbox, `${message?.databaseId}.eml`)));
      expect(letter.header('from')).toContain('hello@gateway.test');
    }
    expect(await office.database.prisma.channel.count({ where: { workspaceId: desk.workspaceId } })).toBe(1);
  });

  test('a workspace whose name is that of a channel without an address gets one under its address', async () => {
    const desk = await office.createDesk();
    const { name } = await office.services.workspaces.get(desk.workspaceId);
    await office.services.channels.ensure(desk.operator, { kind: 'EMAIL', name });
    const { conversation } = (await desk.run(begun, { email: 'zoe@example.com' })).startConversation;
    expect(conversation?.channel).toMatchObject({ name: 'hello@gateway.test', address: 'hello@gateway.test' });
  });

  test('a mutation that is repeated under its Idempotency-Key makes one', async () => {
    const { app } = office;
    const first = await sendKeyed(app, story.desk, hello(story), 'once');
    const second = await sendKeyed(app, story.desk, hello(story), 'once');
    expect(second).toMatchObject({ text: first.text, replayed: true });
    const { id } = await office.database.prisma.message.findFirstOrThrow({
      where: { workspaceId: story.desk.workspaceId, text: 'Hello' },
    });
    await delivered(id);
    const letters = await Promise.all((await readdir(outbox)).map((name) => readLetterFile(join(outbox, name))));
    expect(letters.filter((letter) => letter.header('message-id') === `<${id}@desk.test>`)).toHaveLength(1);
  });

  test('what is imported, and what is said without the gateway, is not mailed', async () => {
    const importer = conversationImporter(office.database, story.desk.operator);
    const message = (direction: string, text: string) => ({ direction, text, sentAt: '2026-01-01T10:00:00Z' });
    await importer.write([
      importer.parse({
        externalId: 'conv_1',
        team: story.mailbox.name,
        source: 'EMAIL',
        customer: { email: 'old@example.com' },
        messages: [message('INBOUND', 'Hi'), message('OUTBOUND', 'Hello')],
      }),
    ]);
    await office.services.messages.add(story.desk.operator, { conversationId: story.billing.id, text: 'Said' });
    const mailed = await office.database.prisma.message.count({
      where: { workspaceId: story.desk.workspaceId, emailMessageId: { not: null } },
    });
    expect(mailed).toBe(0);
  });
});

describe('no word of anybody becomes a header or a recipient', () => {
  const breaks = ['\r\nBcc: eve@evil.test', '\nBcc: eve@evil.test', '\rBcc: eve@evil.test', '\u2028Bcc: eve@evil.test'];
  const names = ['from', 'to', 'subject', 'message-id', 'date', 'mime-version', 'content-type'];

  test.each(breaks)('%j in subject, name, author and files', async (attack) => {
    const { message } = await services().conversations.start(story.desk.operator, {
      email: 'zoe@example.com',
      name: `Zoë${attack}`,
      subject: `Hi${attack}\r\n\r\nNot the body`,
      text: 'Hello',
      attachments: [{ url: 'https://files.example.com/a', fileName: `a${attack}` }],
    });
    await delivered(message.id);
    const letter = await readLetterFile(join(outbox, `${message.id}.eml`));
    expect(letter.headerNames.filter((name) => !name.startsWith('content-')).sort()).toEqual(
      names.filter((name) => !name.startsWith('content-')).sort(),
    );
    const { recipients, subject } = await parseMail(Buffer.from(letter.raw));
    expect(recipients).toEqual(['zoe@example.com']);
    expect(subject).toBe('Hi Bcc: eve@evil.test Not the body');
    expect(letter.body).toContain('Hello');
  });

  test.each([
    'zoe@example.com, eve@evil.test',
    'zoe@example.com\r\nRCPT TO:<eve@evil.test>',
    'zoe@example.com> SIZE=1',
    '"Zoe <eve@evil.test>"@example.com',
    'zoe@example.com;eve@evil.test',
  ])('%j as an address', async (email) => {
    // No mutation takes such an address in; a mail may come from one all the same, and other programs write the table.
    const { workspaceId, operator } = story.desk;
    const { customer } = await office.services.customers.createContact(operator, { email: 'zoe@example.com' });
    await office.database.prisma.customer.update({
      where: { workspaceId_id: { workspaceId, id: customer.id } },
      data: { email },
    });
    const { message } = await services().conversations.start(operator, { contactId: customer.id, text: 'Hello' });
    await eventually(async () =>
      expect(await stored(message.id)).toMatchObject({ status: 'FAILED', failureCode: 'ADDRESS' }),
    );
    expect(await readdir(outbox)).not.toContain(`${message.id}.eml`);
  });
});

describe('a mail that was handed over when its process died', () => {
  test('is handed over again under the same Message-ID', async () => {
    const sent: string[] = [];
    const transport: MailTransport = async ({ raw }) => {
      sent.push((await parseMail(raw)).messageId);
      return null;
    };
    const { message } = await services().messages.add(story.desk.operator, {
      conversationId: story.billing.id,
      text: 'Hello',
    });
    await delivered(message.id);
    await office.database.prisma.message.updateMany({ where: { id: message.id }, data: { deliveredAt: null } });

    const job = { workspaceId: story.desk.workspaceId, messageId: message.id };
    const { signal } = new AbortController();
    const dying: Database = { ...office.database, transaction: () => Promise.reject(new Error('The process died.')) };
    const log = createLog('silent');
    await expect(mailWorkers(dying, { log, transport }).run(job, { signal })).rejects.toThrow('The process died.');
    expect(await stored(message.id)).toMatchObject({ deliveredAt: null });

    const { run } = mailWorkers(office.database, { log, transport });
    await run(job, { signal });
    expect(sent).toEqual([message.emailMessageId, message.emailMessageId]);
    expect(await stored(message.id)).toMatchObject({ status: 'SENT', deliveredAt: expect.any(Date) });
    await run(job, { signal });
    expect(sent).toHaveLength(2);
  });

  test('is given back when the process shuts down before the mail server has answered', async () => {
    const { message } = await services().messages.add(story.desk.operator, {
      conversationId: story.billing.id,
      text: 'Hello',
    });
    await delivered(message.id);
    await office.database.prisma.message.updateMany({ where: { id: message.id }, data: { deliveredAt: null } });
    const shutDown = new AbortController();
    const transport: MailTransport = () => {
      shutDown.abort();
      return new Promise(() => undefined);
    };
    const { run } = mailWorkers(office.database, { log: createLog('silent'), transport });
    const job = { workspaceId: story.desk.workspaceId, messageId: message.id };
    await expect(run(job, { signal: shutDown.signal })).rejects.toThrow('shuts down');
    expect(await stored(message.id)).toMatchObject({ deliveredAt: null, sendAttempts: 1, failureCode: null });
  });
});

test('an outbox that cannot be written is a failure that may pass', async () => {
  const transport = fileTransport('/dev/null/outbox');
  const mail = { envelope: { from: 'a@b.test', to: ['c@d.test'] }, raw: Buffer.from('x') };
  await expect(transport(mail, 'msg_1')).rejects.toMatchObject({ code: 'OUTBOX', isPermanent: false });
});
