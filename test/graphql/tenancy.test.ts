import { isObjectType } from 'graphql';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { encodeGlobalId, type NodeType } from '../../src/db/global-id.js';
import { newId } from '../../src/db/ids.js';
import { schema } from '../../src/graphql/schema.js';
import { openTestApp, post, type TestApp } from '../kit/app.js';
import {
  type Field,
  fieldsOf,
  isRequired,
  mutations,
  placesOfIds,
  queries,
  selectionIn,
  smallest,
} from '../kit/schema-walk.js';
import { type Story, tellStory } from '../kit/story.js';

/**
 * Whoever sends the id of another workspace must not learn that it exists. This walks over the schema, so that a new
 * argument or input field of type ID is tried without being added here.
 */

let testApp: TestApp;
let mine: Story;
let theirs: Story;

beforeAll(async () => {
  testApp = await openTestApp();
  mine = await tellStory(testApp, 'Mine');
  theirs = await tellStory(testApp, 'Theirs');
  const { prisma } = testApp.database;
  for (const { desk } of [mine, theirs]) {
    const { workspaceId } = desk;
    const { endpoint } = await testApp.services.webhooks.create(desk.operator, { url: 'https://hooks.example/desk' });
    const endpointId = endpoint.id;
    const delivery = await testApp.services.webhookDeliveries.sendTest(desk.operator, { endpointId });
    const attempt = { workspaceId, deliveryId: delivery.id, result: 'TIMED_OUT', durationMs: 1 } as const;
    const attemptId = newId('WebhookAttempt');
    await prisma.webhookAttempt.create({ data: { ...attempt, id: attemptId, startedAt: new Date() } });
    const { operator } = desk;
    const { campaigns, links, clicks, conversions } = testApp.services;
    const campaign = await campaigns.create(operator, { name: 'Spring' });
    const link = await links.create(operator, { url: 'https://example.com/', campaignId: campaign.id });
    const { click } = await clicks.record(operator, { linkId: link.id, clickId: 'k1' });
    const sale = { class: 'SALE', clickId: 'k1', externalId: 'buyer', amountMinor: 5 } as const;
    const { conversion } = await conversions.record(operator, sale);
    revenue.set(desk.workspaceId, { campaign: campaign.id, link: link.id, click: click.id, conversion: conversion.id });
    const rejectedId = newId('RejectedMail');
    await prisma.storedFile.create({ data: { workspaceId, digest: 'd', sizeBytes: 1 } });
    const rejected = {
      workspaceId,
      id: rejectedId,
      digest: 'd',
      reason: 'NO_SENDER',
      message: 'x',
      sizeBytes: 1,
    } as const;
    await prisma.rejectedMail.create({ data: rejected });
    const { id: blockedId } = await testApp.services.blockedSenders.block(operator, { pattern: 'spam.test' });
    const key = await testApp.services.apiKeys.create({ workspaceId, kind: 'API_USER' });
    const entry = await prisma.domainEvent.findFirstOrThrow({ where: { workspaceId } });
    const ofWebhooks = { endpointId, deliveryId: delivery.id, attemptId };
    others.set(workspaceId, { keyId: key.id, entryId: entry.id, ...ofWebhooks, rejectedId, blockedId });
  }
});
afterAll(() => testApp.close());

/** The ids of what no story is told of, by workspace. */
const others = new Map<
  string,
  Record<'keyId' | 'entryId' | 'endpointId' | 'deliveryId' | 'attemptId' | 'rejectedId' | 'blockedId', string>
>();

/** The ids of what was sold, and how, by workspace. */
const revenue = new Map<string, Record<'campaign' | 'link' | 'click' | 'conversion', string>>();
const sold =
  (what: 'campaign' | 'link' | 'click' | 'conversion') =>
  ({ desk }: Story): string =>
    revenue.get(desk.workspaceId)?.[what] ?? '';

/** Ids of the other workspace, and those of the same form that nobody has. */
const pairs: Record<Exclude<NodeType, 'Contact' | 'TrackedCustomer'>, (story: Story) => string> = {
  Workspace: ({ desk }) => desk.workspaceId,
  Agent: ({ ada }) => ada.id,
  ApiKey: ({ desk }) => others.get(desk.workspaceId)?.keyId ?? '',
  Channel: ({ mailbox }) => mailbox.id,
  Customer: ({ jane }) => jane.id,
  Conversation: ({ billing }) => billing.id,
  Message: ({ question }) => question.id,
  MessageAttachment: ({ screenshot }) => screenshot.id,
  RejectedMail: ({ desk }) => others.get(desk.workspaceId)?.rejectedId ?? '',
  BlockedSender: ({ desk }) => others.get(desk.workspaceId)?.blockedId ?? '',
  Campaign: sold('campaign'),
  Link: sold('link'),
  Click: sold('click'),
  Conversion: sold('conversion'),
  AuditEntry: ({ desk }) => others.get(desk.workspaceId)?.entryId ?? '',
  WebhookEndpoint: ({ desk }) => others.get(desk.workspaceId)?.endpointId ?? '',
  WebhookDelivery: ({ desk }) => others.get(desk.workspaceId)?.deliveryId ?? '',
  WebhookAttempt: ({ desk }) => others.get(desk.workspaceId)?.attemptId ?? '',
};
const nobodys = (id: string): string => `${id.slice(0, 4)}${'0'.repeat(id.length - 4)}`;

/** An id of the caller's own for a place that needs one, so that only the id that is tried is foreign. */
function ownId(place: string): string {
  const [, idOf] = ownIds.find(([pattern]) => pattern.test(place)) ?? [];
  if (!idOf) throw new Error(`No id of the story is known for ${place}.`);
  return idOf(mine);
}

/** By the name of the place, such as "EditNoteInput.id"; the first that fits. */
const ownIds: readonly [RegExp, (story: Story) => string][] = [
  [/\.sourceId$/, ({ omar }) => omar.id],
  [/\.targetId$/, ({ jane }) => jane.id],
  [/\.customerId$/, ({ jane }) => jane.id],
  [/^RetryRejectedMailInput\.id$/, ({ desk }) => others.get(desk.workspaceId)?.rejectedId ?? ''],
  [/^UnblockSenderInput\./, ({ desk }) => others.get(desk.workspaceId)?.blockedId ?? ''],
  [/^\w*LinkInput\./, sold('link')],
  [/^\w*CampaignInput\./, sold('campaign')],
  [/\.conversationId$/, ({ billing }) => billing.id],
  [/^\w*Conversations?Input\.|^SetConversationsStatus/, ({ billing }) => billing.id],
  [/^\w*(Customer|Contact)(Tags|Status|Ltv)?Input\./, ({ jane }) => jane.id],
  [/^\w*Conversation(Status|Tags)Input\.|^MarkConversation/, ({ billing }) => billing.id],
  [/^\w*AgentInput\.|^\w*ApiKeyInput\.agentId$|^CreateSessionToken/, ({ ada }) => ada.id],
  [/^\w*ApiKeyInput\./, ({ desk }) => others.get(desk.workspaceId)?.keyId ?? ''],
  [/^\w*ChannelInput\./, ({ mailbox }) => mailbox.id],
  [/^(EditNote|ResendMessage)Input\./, ({ question }) => question.id],
  [
    /^(\w*WebhookEndpoint|RotateWebhookSecret)Input\.id$|\.endpointId$/,
    ({ desk }) => others.get(desk.workspaceId)?.endpointId ?? '',
  ],
  [/^ReplayWebhookDeliveryInput\./, ({ desk }) => others.get(desk.workspaceId)?.deliveryId ?? ''],
  [/^node$/, ({ jane }) => jane.id],
];

/** What an input needs beside a field that is tried, though the schema does not say so. */
const besides: Readonly<Record<string, () => object>> = {
  'createApiKey(input.agentId)': () => ({ kind: 'USER', scopes: ['customers:read'] }),
  'createSessionToken(input.agentId)': () => ({ scopes: ['customers:read'] }),
  'assignConversations(input.assigneeId)': () => ({ ids: [mine.billing.id] }),
  'startConversation(input.assigneeId)': () => ({ contactId: mine.jane.id }),
  'startConversation(input.attachmentIds)': () => ({ contactId: mine.jane.id }),
  'startConversation(input.channelId)': () => ({ contactId: mine.jane.id }),
};

/** A place in the schema that takes an id, and how to call its field with one there. */
interface Place {
  name: string;
  document(): string;
  variables(id: string): object;
}

/** The places among the arguments of a field, which stands where `within` puts it. */
function placesOf(field: Field, parent: string, within: (definitions: string, text: string) => string): Place[] {
  const required = field.args.filter(isRequired);
  return field.args.flatMap((arg) =>
    placesOfIds(arg.type, ownId).map(([path, value]): Place => {
      const name = `${parent}${field.name}(${arg.name}${path})`;
      return {
        name,
        document() {
          const used = [...new Set([...required, arg])];
          const definitions = used.map((one) => `$${one.name}: ${one.type}`).join(', ');
          const uses = used.map((one) => `${one.name}: $${one.name}`).join(', ');
          return within(definitions, `${field.name}(${uses}) ${selectionIn(field)}`);
        },
        variables(id) {
          const rest = Object.fromEntries(
            required.filter((one) => one !== arg).map((one) => [one.name, smallest(one.type, ownId, one.name)]),
          );
          const tried = value(id);
          const whole = besides[name] ? { ...(tried as object), ...besides[name]() } : tried;
          return { ...rest, [arg.name]: whole };
        },
      };
    }),
  );
}

const atRoot = (kind: 'query' | 'mutation') => (definitions: string, text: string) =>
  `${kind} (${definitions}) { ${text} }`;

/** Every object type but the roots: one of the caller's own is asked for by its id. Subscriptions are tested with events. */
const roots: readonly unknown[] = [schema.getQueryType(), schema.getMutationType(), schema.getSubscriptionType()];
const objectTypes = Object.values(schema.getTypeMap())
  .filter(isObjectType)
  .filter((type) => !roots.includes(type));
const ofObject = (type: string) => (definitions: string, text: string) => {
  const idOf = type === 'Contact' ? pairs.Customer : pairs[type as keyof typeof pairs];
  if (!idOf) throw new Error(`${type} has arguments that take ids, and no object of it is known here.`);
  const id = encodeGlobalId(type as NodeType, idOf(mine));
  return `query (${definitions}) { node(id: "${id}") { ... on ${type} { ${text} } } }`;
};

const places = [
  ...queries.flatMap((field) => placesOf(field, '', atRoot('query'))),
  ...mutations.flatMap((field) => placesOf(field, '', atRoot('mutation'))),
  ...objectTypes.flatMap((type) =>
    fieldsOf(type).flatMap((field) => placesOf(field, `${type.name}.`, ofObject(type.name))),
  ),
];

async function answerTo(place: Place, document: string, id: string): Promise<string> {
  const { status, body } = await post(testApp.app, document, place.variables(id), mine.desk.key);
  // The ids that the client sent itself may come back in messages, and those are the one thing that differs.
  return JSON.stringify({ status, body }).replaceAll(id, '<the id>');
}

describe('an id of another workspace is answered as one that does not exist in', () => {
  test.each(places.map((place) => [place.name, place] as const))('%s', async (_name, place) => {
    const answers: string[] = [];
    const document = place.document();
    const answerAbout = (id: string) => answerTo(place, document, id);
    for (const [type, idOf] of Object.entries(pairs)) {
      const foreign = idOf(theirs);
      const nobody = nobodys(foreign);
      const global = (id: string) => encodeGlobalId(type as NodeType, id);
      const answer = await answerAbout(foreign);
      answers.push(answer);
      expect(answer).toBe(await answerAbout(nobody));
      expect(await answerAbout(global(foreign))).toBe(await answerAbout(global(nobody)));
    }
    // An id of one of the types was looked up, and not refused for its form or for something else in the input.
    expect(answers.filter((answer) => !answer.includes('BAD_USER_INPUT'))).not.toEqual([]);
  });

  test('so many places that the walk must have seen them all', () => {
    expect(places.map(({ name }) => name)).toEqual(
      expect.arrayContaining([
        'node(id)',
        'nodes(ids)',
        'customer(id)',
        'customers(filter.id.in)',
        'conversations(filter.assigneeId.eq)',
        'addMessage(input.agentId)',
        'startConversation(input.channelId)',
        'assignConversation(input.assigneeId)',
        'upsertCustomer(input.id)',
        'Agent.assignedConversations(filter.customerId.in)',
        'Contact.conversations(filter.assigneeId.eq)',
        'Conversation.messages(filter.agentId.eq)',
      ]),
    );
  });
});

test('after all that, the other workspace is as it was', async () => {
  const { prisma } = testApp.database;
  const where = { workspaceId: theirs.desk.workspaceId };
  expect(await prisma.conversation.findFirst({ where: { ...where, id: theirs.billing.id } })).toEqual(theirs.billing);
  expect(await prisma.message.count({ where })).toBe(1);
  expect(await prisma.customer.count({ where })).toBe(3);
  expect(await prisma.conversion.count({ where })).toBe(1);
});
