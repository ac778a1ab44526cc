import { type GraphQLObjectType, getNamedType, isListType, isNonNullType, isObjectType } from 'graphql';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { allScopes } from '../../../src/auth/scopes.js';
import { schema } from '../../../src/graphql/schema.js';
import { entityReader } from '../../../src/modules/webhooks/deliveries/webhook.entities.js';
import { tellEverything } from '../../cli/export-story.js';
import { openTestApp, type TestApp } from '../../kit/app.js';
import { ask } from '../../kit/ask.js';
import { type Field, fieldsOf } from '../../kit/schema-walk.js';
import { statementsOf } from '../../kit/statements.js';
import type { Story } from '../../kit/story.js';

/** The entity of a webhook is held to what the graph answers for the same object, field by field of its type. */

/** What the graph shows beside connections and an entity does not, with the reason. */
const leftOut: Readonly<Record<string, string>> = {
  'Conversation.contact': 'The person whom customerId names.',
  'Message.rawUrl': 'A link that soon expires.',
  'Customer.contact': 'The same person.',
  'Customer.latestConversation': 'It needs another scope, and changes without an event of the customer.',
  'Customer.attribution': 'It is computed from clicks, needs another scope and takes an argument.',
};

type Row = Record<string, unknown>;

let testApp: TestApp;
let story: Story;
/** The ids of what events can be about, by type. */
let ids: Record<string, string[]>;

beforeAll(async () => {
  testApp = await openTestApp();
  story = await tellEverything(testApp);
  await tellRevenue();
  const { prisma } = testApp.database;
  const ofDesk = { where: { workspaceId: story.desk.workspaceId }, select: { id: true } };
  const idsOf = async (rows: Promise<{ id: string }[]>) => (await rows).map(({ id }) => id);
  ids = {
    Agent: await idsOf(prisma.agent.findMany(ofDesk)),
    Campaign: await idsOf(prisma.campaign.findMany(ofDesk)),
    Channel: await idsOf(prisma.channel.findMany(ofDesk)),
    Click: await idsOf(prisma.click.findMany(ofDesk)),
    Conversation: await idsOf(prisma.conversation.findMany(ofDesk)),
    Conversion: await idsOf(prisma.conversion.findMany(ofDesk)),
    // One that was merged is asked for by the survivor's id as well.
    Customer: await idsOf(prisma.customer.findMany(ofDesk)),
    Link: await idsOf(prisma.link.findMany(ofDesk)),
    Message: (await idsOf(prisma.message.findMany(ofDesk))).filter((id) => !id.startsWith('msg_long')),
  };
});

afterAll(() => testApp.close());

/** What revenue tracking adds to the story, with a customer who was deleted. */
async function tellRevenue(): Promise<void> {
  const { desk, jane } = story;
  const { operator } = desk;
  const { campaigns, customers, links, clicks, conversions } = testApp.services;
  await customers.update(operator, { id: jane.id, phone: '+1 415 777 0288' });
  const campaign = await campaigns.create(operator, { name: 'Spring' });
  await campaigns.update(operator, { id: campaign.id, name: 'Summer' });
  const link = await links.create(operator, {
    name: 'Shop',
    url: 'https://x.test/',
    campaignId: campaign.id,
    tags: ['spring'],
  });
  await links.update(operator, { id: link.id, name: 'Shop window' });
  const gone = await links.create(operator, { url: 'https://x.test/gone' });
  await links.delete(operator, { id: gone.id });
  await clicks.record(operator, {
    ...{ clickId: 'k1', linkId: link.id, customerId: jane.id, referrer: 'https://y.test/', url: 'https://x.test/a' },
    ...{ utmSource: 'mail', utmMedium: 'letter', utmCampaign: 'spring', country: 'DE' },
  });
  await clicks.record(operator, { clickId: 'k2' });
  const customerId = jane.id;
  await conversions.record(operator, { class: 'CUSTOM', name: 'Trial', customerId });
  await conversions.record(operator, {
    ...{ class: 'SALE', customerId, clickId: 'k1', orderId: 'o1', amountMinor: 1_999n, items: 2 },
    ...{ currency: 'EUR', exchangeRate: '1.0837', payoutMinor: 150n, pixelId: 'px_1', metadata: { shop: 'Berlin' } },
  });
  await conversions.refund(operator, { orderId: 'o1', amountMinor: 999n });
  await conversions.record(operator, { class: 'SALE', externalId: 'usr_gone', orderId: 'o2', amountMinor: 5n });
  await clicks.record(operator, { clickId: 'k3', externalId: 'usr_gone' });
  await testApp.database.prisma.customer.updateMany({
    where: { workspaceId: desk.workspaceId, externalId: 'usr_gone' },
    data: { deletedAt: new Date() },
  });
}

const isNode = (type: GraphQLObjectType): boolean => type.getInterfaces().some(({ name }) => name === 'Node');

const objectOf = ({ type }: Field): GraphQLObjectType | null => {
  const named = getNamedType(type);
  return isObjectType(named) ? named : null;
};

const isList = ({ type }: Field): boolean => isListType(isNonNullType(type) ? type.ofType : type);

/** What an entity must have: all fields but connections and those that are left out. */
const heldFields = (type: GraphQLObjectType): Field[] =>
  fieldsOf(type).filter(
    (field) => !objectOf(field)?.name.endsWith('Connection') && !(`${type.name}.${field.name}` in leftOut),
  );

const isRelation = (field: Field): boolean => {
  const target = objectOf(field);
  return target !== null && isNode(target) && !isList(field);
};

function selectionOf(type: GraphQLObjectType): string {
  const parts = heldFields(type).map((field) => {
    const target = objectOf(field);
    if (!target) return field.name;
    return `${field.name} { ${isRelation(field) ? 'databaseId' : selectionOf(target)} }`;
  });
  return (isNode(type) ? ['__typename', ...parts] : parts).join(' ');
}

/** An answer of the graph as an entity has it: relations as plain ids. */
function asEntity(type: GraphQLObjectType, answer: Row): Row {
  const entries = heldFields(type).map((field): [string, unknown] => {
    const value = answer[field.name];
    const target = objectOf(field);
    if (isRelation(field)) return [`${field.name}Id`, value && (value as Row).databaseId];
    if (!target || value === null) return [field.name, value];
    const inner = (one: unknown) => asEntity(target, one as Row);
    return [field.name, Array.isArray(value) ? value.map(inner) : inner(value)];
  });
  return { ...(isNode(type) && { __typename: answer.__typename }), ...Object.fromEntries(entries) };
}

function typeNamed(name: string): GraphQLObjectType {
  const type = schema.getType(name);
  if (!isObjectType(type)) throw new Error(`${name} is no object type.`);
  return type;
}

const readerOf = () => {
  const read = entityReader(testApp.database, story.desk.workspaceId, 'USD');
  return (id: string) => read(id, new Set(allScopes));
};

/** The entities with these ids, as their JSON says. */
async function entitiesOf(some: readonly string[]): Promise<(Row | null)[]> {
  const read = readerOf();
  return JSON.parse(JSON.stringify(await Promise.all(some.map(read)))) as (Row | null)[];
}

/** The same by the graph. */
async function shownBy(type: GraphQLObjectType, some: readonly string[]): Promise<(Row | null)[]> {
  const query = `query Shown($ids: [ID!]!) { nodes(ids: $ids) { ... on ${type.name} { ${selectionOf(type)} } } }`;
  const { data, errors } = await ask(testApp, story.desk, query, { ids: some });
  expect(errors).toBeUndefined();
  return (data as { nodes: (Row | null)[] }).nodes.map((node) => node && asEntity(type, node));
}

const pageSize = 20;

async function compared(name: string): Promise<Row[]> {
  const type = typeNamed(name);
  const all = ids[name] ?? [];
  const found: Row[] = [];
  for (let start = 0; start < all.length; start += pageSize) {
    const some = all.slice(start, start + pageSize);
    const entities = await entitiesOf(some);
    expect(entities).toEqual(await shownBy(type, some));
    found.push(...entities.filter((entity) => entity !== null));
  }
  return found;
}

test.each(['Agent', 'Campaign', 'Channel', 'Click', 'Conversation', 'Conversion', 'Customer', 'Link', 'Message'])(
  'the entity of %s is what the graph shows, and the story has a value for each of its fields',
  async (name) => {
    const entities = await compared(name);
    const isEmpty = (value: unknown) => value === null || (Array.isArray(value) && value.length === 0);
    const fields = Object.keys(entities[0] ?? {});
    expect(fields).toContain('databaseId');
    expect(fields.filter((field) => entities.every((entity) => isEmpty(entity[field])))).toEqual([]);
  },
);

test('what is left out of entities is there to be left out', () => {
  for (const place of Object.keys(leftOut)) {
    const [type = '', field = ''] = place.split('.');
    expect(typeNamed(type).getFields(), place).toHaveProperty(field);
  }
});

test('many entities are read by no more statements than a few', async () => {
  const countFor = async (each: number) => {
    const some = Object.values(ids).flatMap((all) => all.slice(0, each));
    const read = readerOf();
    return (await statementsOf(() => Promise.all(some.map(read)))).length;
  };
  const few = await countFor(2);
  expect(few).toBeGreaterThanOrEqual(Object.keys(ids).length);
  expect(await countFor(30)).toBeLessThanOrEqual(few);
});
