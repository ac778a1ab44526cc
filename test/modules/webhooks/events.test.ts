import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { graphql } from '../../generated/gql.js';
import type { Desk, TestApp } from '../../kit/app.js';
import { deliveriesTo, endpointAt, openWebhookApp, updateEndpoint } from './kit.js';
import { openSink, type Received, type Sink, verified } from './sink.js';

let app: TestApp;
let sink: Sink;
let desk: Desk;
/** Where the endpoint of the test listens. */
let path: string;
let places = 0;

beforeAll(async () => {
  [app, sink] = await Promise.all([openWebhookApp(), openSink()]);
});
beforeEach(async () => {
  desk = await app.createDesk();
  places += 1;
  path = `/${places}`;
});
afterAll(async () => {
  await app.close();
  await sink.close();
});

const url = (): string => `${sink.url}${path}`;
const contact = (name: string) => app.services.customers.upsert(desk.operator, { externalId: name, name });

/** The payload of the one request that came, verified. */
async function onlyPayload(secret: string): Promise<unknown> {
  await expect.poll(() => sink.at(path).length).toBe(1);
  return verified(secret, sink.at(path)[0] as Received);
}

const getCustomer = graphql(`
  query WebhooksCustomer($id: ID!) {
    customer(id: $id) {
      __typename id databaseId uuid externalId email otherEmails name phone phoneE164 avatarUrl status sentiment notes tags metadata source
      conversationCount lastMessageAt lastMessagePreview ltv { amountMinor currency } salesCount firstSaleAt archivedAt mergedIds
      version createdAt updatedAt
    }
  }`);

const getConversation = graphql(`
  query WebhooksConversation($id: ID!) {
    conversation(id: $id) {
      __typename id databaseId status source subject isUnread unreadCount lastMessageAt lastMessagePreview
      firstResponseAt closedAt snoozedUntil externalId version createdAt updatedAt
      messages(first: 1) { nodes {
        __typename id databaseId direction isInternal text html preview status externalId version sentAt createdAt editedAt
      } }
    }
  }`);

describe('an event', () => {
  test('arrives signed, with what changed and the entity as the graph shows it', async () => {
    const { id, secret } = await endpointAt(desk, url(), { eventTypes: ['customer.*'] });
    const { customer } = await contact('Jane');
    const [event] = await app.database.prisma.domainEvent.findMany({ where: { entityId: customer.id } });
    const shown = await desk.run(getCustomer, { id: customer.id });
    expect(await onlyPayload(secret)).toEqual({
      type: 'customer.created',
      timestamp: event?.occurredAt.toISOString(),
      data: {
        id: event?.id,
        seq: Number(event?.seq),
        workspaceId: desk.workspaceId,
        actorId: null,
        entityId: customer.id,
        before: null,
        after: { externalId: 'Jane', name: 'Jane', metadata: {} },
        details: null,
        entity: shown.customer,
      },
    });
    await expect
      .poll(() => deliveriesTo(desk, id))
      .toMatchObject([
        {
          databaseId: sink.at(path)[0]?.headers['webhook-id'],
          eventType: 'customer.created',
          eventId: event?.id,
          status: 'SUCCEEDED',
          attemptCount: 1,
          nextAttemptAt: null,
          finishedAt: expect.any(String),
          endpoint: { databaseId: id },
          attempts: {
            totalCount: 1,
            nodes: [{ result: 'SUCCEEDED', responseStatus: 200, responseExcerpt: 'Status 200.', error: null }],
          },
        },
      ]);
  });

  test('of a conversation and of a message comes with those', async () => {
    const { secret } = await endpointAt(desk, url(), { eventTypes: ['conversation.created', 'message.created'] });
    const started = await app.services.conversations.start(desk.operator, {
      email: 'omar@example.com',
      text: 'Hello?',
    });
    await expect.poll(() => sink.at(path).length).toBe(2);
    const payloads = sink.at(path).map((request) => verified(secret, request) as { type: string; data: object });
    const { conversation } = await desk.run(getConversation, { id: started.conversation.id });
    const { messages, ...shown } = conversation ?? {};
    expect(payloads.find(({ type }) => type === 'conversation.created')?.data).toMatchObject({
      entity: { ...shown, customerId: started.contact.id, assigneeId: null, channelId: null },
    });
    expect(payloads.find(({ type }) => type === 'message.created')?.data).toMatchObject({
      entity: { ...messages?.nodes[0], conversationId: started.conversation.id, author: { name: null, agentId: null } },
    });
  });

  test('comes without what is deleted when it is sent', async () => {
    const { id } = await endpointAt(desk, url(), { eventTypes: ['customer.created'], isEnabled: false });
    const { customer } = await contact('Jane');
    await app.services.customers.delete(desk.operator, { id: customer.id, mode: 'PURGE' });
    await desk.run(updateEndpoint, { input: { id, isEnabled: true } });
    await app.services.webhookDeliveries.replayRange(desk.operator, { endpointId: id, from: new Date(0) });
    await expect.poll(() => sink.at(path).length).toBe(1);
    expect(JSON.parse(sink.at(path)[0]?.body ?? '')).toMatchObject({
      data: { entityId: customer.id, after: { name: null, externalId: null }, entity: null },
    });
  });

  test('goes to the endpoints that want its type, and to no others', async () => {
    const all = await endpointAt(desk, url());
    const some = await endpointAt(desk, `${url()}/some`, { eventTypes: ['agent.created', 'channel.*'] });
    await app.services.channels.create(desk.operator, { kind: 'CHAT', name: 'Chat' });
    await contact('Jane');
    const typesAt = (at: string) => sink.at(at).map(({ body }) => (JSON.parse(body) as { type: string }).type);
    await expect
      .poll(() => typesAt(path).sort())
      .toEqual(['channel.created', 'customer.created', 'webhook_endpoint.created']);
    await expect.poll(() => typesAt(`${path}/some`)).toEqual(['channel.created']);
    expect(all.secret).not.toBe(some.secret);
  });

  test('goes to the endpoints whose filter it meets', async () => {
    const { mailbox, byMail, byChat } = await twoConversations();
    const types = {
      eventTypes: ['customer.updated', 'conversation.deleted', 'conversation.status_changed', 'message.created'],
    };
    const filters = {
      customer: { customerId: byMail.contact.id },
      conversation: { conversationId: byMail.conversation.id },
      channel: { channelId: mailbox.id },
      both: { customerId: byMail.contact.id, channelId: mailbox.id },
      neither: { customerId: byChat.contact.id, channelId: mailbox.id },
    };
    for (const [name, filter] of Object.entries(filters))
      await endpointAt(desk, `${url()}/${name}`, { ...types, filter });
    for (const { contact: person, conversation } of [byChat, byMail]) {
      await app.services.customers.update(desk.operator, { id: person.id, notes: 'x' });
      await app.services.messages.add(desk.operator, { conversationId: conversation.id, text: 'Hm.' });
      await app.services.conversations.setStatus(desk.operator, { id: conversation.id, status: 'CLOSED' });
    }
    const about = (name: string) =>
      sink
        .at(`${path}/${name}`)
        .map(({ body }) => JSON.parse(body) as { type: string; data: { entityId: string } })
        .map(({ type }) => type)
        .sort();
    const expectAll = async (ofConversation: string[]): Promise<void> => {
      await expect.poll(() => about('customer')).toEqual([...ofConversation, 'customer.updated'].sort());
      for (const name of ['conversation', 'channel', 'both']) {
        await expect.poll(() => about(name)).toEqual(ofConversation);
      }
    };
    await expectAll(['conversation.status_changed', 'message.created']);
    for (const { conversation } of [byChat, byMail]) {
      await app.services.conversations.delete(desk.operator, { id: conversation.id });
    }
    await expectAll(['conversation.deleted', 'conversation.status_changed', 'message.created']);
    expect(about('neither')).toEqual([]);
  });
});

async function twoConversations() {
  const { operator } = desk;
  const mailbox = await app.services.channels.create(operator, { kind: 'EMAIL', name: 'Mail', address: 'm@desk.test' });
  const byMail = await app.services.conversations.start(operator, {
    email: 'jane@example.com',
    text: 'By mail.',
    channelId: mailbox.id,
  });
  const byChat = await app.services.conversations.start(operator, { email: 'omar@example.com', text: 'By chat.' });
  return { mailbox, byMail, byChat };
}

test('a filter goes on for a customer that was merged', async () => {
  const { operator } = desk;
  const { contact: omar, conversation } = await app.services.conversations.start(operator, {
    email: 'omar@example.com',
    text: 'Hello?',
  });
  const { customer: jane } = await contact('Jane');
  await endpointAt(desk, url(), { eventTypes: ['message.created'], filter: { customerId: omar.id } });
  await app.services.customers.merge(operator, { sourceId: omar.id, targetId: jane.id });
  await app.services.messages.add(operator, { conversationId: conversation.id, text: 'Still there?' });
  await expect.poll(() => sink.at(path).length).toBe(1);
});

const getRevenue = graphql(`
  query WebhooksRevenue($campaign: ID!, $link: ID!, $click: ID!, $conversion: ID!) {
    campaign(id: $campaign) { __typename id databaseId name version createdAt updatedAt }
    link(id: $link) { __typename id databaseId name url isDeleted version createdAt updatedAt }
    click(id: $click) {
      __typename id databaseId externalId source utmSource utmMedium utmCampaign referrer url occurredAt createdAt
    }
    conversion(id: $conversion) {
      __typename id databaseId class status name orderId amount { amountMinor currency }
      baseAmount { amountMinor currency } exchangeRate items isImported version occurredAt createdAt updatedAt
    }
  }`);

test('events of revenue come with what was followed and earned', async () => {
  const { operator } = desk;
  const { secret } = await endpointAt(desk, url(), {
    eventTypes: ['campaign.created', 'link.created', 'click.recorded', 'conversion.recorded'],
  });
  const campaign = await app.services.campaigns.create(operator, { name: 'Spring' });
  const link = await app.services.links.create(operator, { url: 'https://shop.example/', campaignId: campaign.id });
  const { click } = await app.services.clicks.record(operator, { clickId: 'k1', linkId: link.id, utmSource: 'mail' });
  const { conversion } = await app.services.conversions.record(operator, {
    ...{ class: 'SALE', externalId: 'jane', clickId: 'k1', orderId: 'o1', amountMinor: 1999n },
  });
  await expect.poll(() => sink.at(path).length).toBe(4);
  const entities = sink.at(path).map((request) => {
    const { data } = verified(secret, request) as { data: { entity: { databaseId: string } } };
    return data.entity;
  });
  const entityOf = (id: string) => entities.find(({ databaseId }) => databaseId === id);
  const ids = { campaign: campaign.id, link: link.id, click: click.id, conversion: conversion.id };
  const shown = await desk.run(getRevenue, ids);
  for (const name of ['campaign', 'link', 'click', 'conversion'] as const) {
    expect(entityOf(ids[name])).toMatchObject(shown[name] ?? { databaseId: 'none' });
  }
  expect(entityOf(link.id)).toMatchObject({ campaignId: campaign.id });
  expect(entityOf(conversion.id)).toMatchObject({
    customerId: conversion.customerId,
    clickId: click.id,
    refundOfId: null,
  });
});
