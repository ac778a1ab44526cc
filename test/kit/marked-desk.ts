import { newId } from '../../src/db/ids.js';
import type { Desk, TestApp } from './app.js';

/** A desk in which each text says to which noun it belongs, so that an answer tells what it shows. */

/** The nouns, with the scopes of which any shows them. A person is what customers and tracked customers have in common. */
export const nouns = {
  person: ['customers:read', 'links:read'],
  customer: ['customers:read'],
  conversation: ['conversations:read'],
  link: ['links:read'],
  /** What links are called, which statistics show as labels. */
  label: ['links:read', 'analytics:read'],
  conversion: ['analytics:read'],
  webhook: ['webhooks:read'],
  apikey: ['apiKeys:read', 'audit:read'],
} as const;

export type Noun = keyof typeof nouns;

const prefix = 'zq';

/** A text that belongs to a noun. */
export const marked = (noun: Noun, what: string): string => `${prefix}${noun}${what}`;

/** The nouns of which a text shows something. */
export function nounsIn(text: string): Noun[] {
  const lower = text.toLowerCase();
  return (Object.keys(nouns) as Noun[]).filter((noun) => lower.includes(prefix + noun));
}

export interface MarkedDesk {
  desk: Desk;
  /** An id for each prefix, such as "ctc". */
  ids: Readonly<Record<string, string>>;
  externalId: string;
  email: string;
  clickId: string;
  orderId: string;
}

export async function openMarkedDesk(testApp: TestApp): Promise<MarkedDesk> {
  const desk = await testApp.createDesk('Marked');
  const { operator, workspaceId } = desk;
  const { services, database } = testApp;
  const agent = await services.agents.create(operator, { name: 'Ada', email: 'ada@desk.test' });
  const channel = await services.channels.ensure(operator, { kind: 'EMAIL', name: 'Support', address: 'a@desk.test' });
  const externalId = marked('person', 'ext');
  const email = `${marked('person', 'mail')}@example.com`;
  // Who wrote a message is kept with it by name, so the person has none yet.
  const { contact, conversation, message } = await services.conversations.start(operator, {
    email: 'plain@example.com',
    subject: marked('conversation', 'subject'),
    notes: marked('conversation', 'notes'),
    metadata: { order: marked('conversation', 'metadata') },
    text: marked('conversation', 'text'),
    html: `<p>${marked('conversation', 'html')}</p>`,
    direction: 'INBOUND',
    channelId: channel.id,
    attachments: [
      {
        url: `https://a.example/${marked('conversation', 'file')}`,
        fileName: marked('conversation', 'name'),
        contentType: 'image/png',
      },
    ],
  });
  const { customer } = await services.customers.upsert(operator, {
    id: contact.id,
    externalId,
    email,
    name: marked('person', 'name'),
    phone: marked('person', 'phone'),
    avatarUrl: `https://a.example/${marked('person', 'avatar')}`,
    notes: marked('customer', 'notes'),
    tags: [marked('customer', 'tag')],
    metadata: { plan: marked('person', 'meta') },
  });
  await database.prisma.message.updateMany({
    where: { workspaceId },
    data: { authorName: marked('conversation', 'author'), externalId: marked('conversation', 'extmsg') },
  });
  await database.prisma.conversation.updateMany({
    where: { workspaceId },
    data: { externalId: marked('conversation', 'ext'), assigneeId: agent.id },
  });
  const campaign = await services.campaigns.create(operator, { name: marked('label', 'campaign') });
  const url = `https://a.example/${marked('link', 'url')}`;
  const link = await services.links.create(operator, { name: marked('label', 'name'), url, campaignId: campaign.id });
  const clickId = marked('label', 'click');
  await services.clicks.record(operator, {
    ...{ clickId, linkId: link.id, customerId: customer.id, url, referrer: url, utmSource: 'mail' },
    ...{ utmMedium: marked('link', 'medium'), utmCampaign: marked('link', 'utm') },
  });
  const orderId = marked('conversion', 'order');
  await services.conversions.record(operator, {
    ...{ class: 'SALE' as const, customerId: customer.id, orderId, clickId, amountMinor: 4_242n },
  });
  await services.conversions.record(operator, {
    ...{ class: 'CUSTOM' as const, customerId: customer.id, name: marked('conversion', 'name') },
  });
  const { endpoint } = await services.webhooks.create(operator, {
    url: `https://hooks.example/${marked('webhook', 'url')}`,
    eventTypes: ['*'],
    description: marked('webhook', 'note'),
    isEnabled: false,
  });
  const delivery = await services.webhookDeliveries.sendTest(operator, { endpointId: endpoint.id });
  await database.prisma.webhookDelivery.updateMany({ where: { workspaceId }, data: { status: 'FAILED' } });
  const file = { workspaceId, digest: 'd', sizeBytes: 1 };
  await database.prisma.storedFile.create({ data: file });
  const rejected = await database.prisma.rejectedMail.create({
    data: {
      ...file,
      ...{ id: newId('RejectedMail'), reason: 'NO_SENDER', message: 'x', recipients: ['a@desk.test'] },
      ...{ sender: `${marked('conversation', 'sender')}@x.test`, subject: marked('conversation', 'rejected') },
    },
  });
  const blocked = await services.blockedSenders.block(operator, {
    pattern: `${marked('conversation', 'blocked')}@x.test`,
    reason: marked('conversation', 'reason'),
  });
  const { id: key } = await services.apiKeys.create({ workspaceId, kind: 'API_USER', name: marked('apikey', 'name') });
  const firstId = async (rows: Promise<{ id: string } | null>) => (await rows)?.id ?? '';
  const ofDesk = { where: { workspaceId } };
  const ids = {
    agt: agent.id,
    chn: channel.id,
    ctc: customer.id,
    thd: conversation.id,
    msg: message.id,
    att: await firstId(database.prisma.messageAttachment.findFirst(ofDesk)),
    cmp: campaign.id,
    lnk: link.id,
    clk: await firstId(database.prisma.click.findFirst(ofDesk)),
    cnv: await firstId(database.prisma.conversion.findFirst(ofDesk)),
    evt: await firstId(database.prisma.domainEvent.findFirst(ofDesk)),
    whe: endpoint.id,
    whd: delivery.id,
    rjm: rejected.id,
    bls: blocked.id,
    key,
  };
  return { desk, ids, externalId, email, clickId, orderId };
}
