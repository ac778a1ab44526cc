import {
  type GraphQLArgument,
  type GraphQLField,
  type GraphQLInputField,
  type GraphQLInputType,
  type GraphQLObjectType,
  getNamedType,
  isCompositeType,
  isEnumType,
  isInputObjectType,
  isListType,
  isNonNullType,
  isObjectType,
} from 'graphql';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { encodeGlobalId, type NodeType } from '../../src/db/global-id.js';
import { schema } from '../../src/graphql/schema.js';
import { openTestApp, post, type TestApp } from '../kit/app.js';
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
  for (const { desk } of [mine, theirs]) {
    const where = { workspaceId: desk.workspaceId };
    entries.set(desk.workspaceId, (await testApp.database.prisma.domainEvent.findFirstOrThrow({ where })).id);
  }
});
afterAll(() => testApp.close());

/** The id of an entry of the audit log by workspace. */
const entries = new Map<string, string>();

/** Ids of the other workspace, and those of the same form that nobody has. */
const pairs: Record<Exclude<NodeType, 'Contact'>, (story: Story) => string> = {
  Workspace: ({ desk }) => desk.workspaceId,
  Agent: ({ ada }) => ada.id,
  Channel: ({ mailbox }) => mailbox.id,
  Customer: ({ jane }) => jane.id,
  Conversation: ({ billing }) => billing.id,
  Message: ({ question }) => question.id,
  MessageAttachment: ({ screenshot }) => screenshot.id,
  AuditEntry: ({ desk }) => entries.get(desk.workspaceId) ?? '',
};
const nobodys = (id: string): string => `${id.slice(0, 4)}${'0'.repeat(id.length - 4)}`;

/** A place in the schema that takes an id, and how to call its field with one there. */
interface Place {
  name: string;
  call(id: string): { document: string; variables: object };
}

type Field = GraphQLField<unknown, unknown>;

/** Makes the value that holds an id in one place, with the smallest that is required beside it. */
type WithId = (id: string) => unknown;

/** Each place within the type that takes an id. */
function valuesWithId(type: GraphQLInputType, seen: readonly string[] = []): [path: string, value: WithId][] {
  if (isNonNullType(type)) return valuesWithId(type.ofType, seen);
  if (isListType(type)) {
    return valuesWithId(type.ofType, seen).map(([path, value]): [string, WithId] => [path, (id) => [value(id)]]);
  }
  if (!isInputObjectType(type)) return type.name === 'ID' ? [['', (id) => id]] : [];
  if (seen.includes(type.name)) return [];
  return Object.values(type.getFields()).flatMap((field) =>
    valuesWithId(field.type, [...seen, type.name]).map(([path, value]): [string, WithId] => [
      `.${field.name}${path}`,
      (id) => ({ ...(smallest(type) as object), [field.name]: value(id) }),
    ]),
  );
}

const isRequired = (element: GraphQLArgument | GraphQLInputField): boolean =>
  isNonNullType(element.type) && element.defaultValue === undefined;

/** Any value of the type; an id of the caller's own, so that only the id that is tried is foreign. */
function smallest(type: GraphQLInputType): unknown {
  if (isNonNullType(type)) return smallest(type.ofType);
  if (isListType(type)) return [smallest(type.ofType)];
  if (isEnumType(type)) return type.getValues()[0]?.name;
  if (isInputObjectType(type)) {
    const fields = Object.values(type.getFields()).filter(isRequired);
    return Object.fromEntries(fields.map((field) => [field.name, smallest(field.type)]));
  }
  return type.name === 'ID' ? mine.billing.id : type.name === 'String' ? 'x@example.com' : 1;
}

/** Every field without arguments that can be selected at once, and `userErrors` whole. */
function selectionOf(type: GraphQLObjectType | undefined, depth = 3): string {
  const fields = Object.values(type?.getFields() ?? {}).filter(({ args }) => !args.some(isRequired));
  const parts = fields.flatMap((field): string[] => {
    const named = getNamedType(field.type);
    if (!isCompositeType(named)) return [field.name];
    return isObjectType(named) && depth > 1 ? [`${field.name} { ${selectionOf(named, depth - 1)} }`] : [];
  });
  return ['__typename', ...parts].join(' ');
}

function placesOf(kind: 'query' | 'mutation', field: Field): Place[] {
  const named = getNamedType(field.type);
  const selection = isObjectType(named)
    ? `{ ${selectionOf(named)} }`
    : isCompositeType(named)
      ? '{ __typename id }'
      : '';
  const required = field.args.filter(isRequired);
  return field.args.flatMap((arg) =>
    valuesWithId(arg.type).map(
      ([path, value]): Place => ({
        name: `${field.name}(${arg.name}${path})`,
        call(id) {
          const used = [...new Set([...required, arg])];
          const definitions = used.map((one) => `$${one.name}: ${one.type}`).join(', ');
          const uses = used.map((one) => `${one.name}: $${one.name}`).join(', ');
          const rest = Object.fromEntries(required.map((one) => [one.name, smallest(one.type)]));
          return {
            document: `${kind} (${definitions}) { ${field.name}(${uses}) ${selection} }`,
            variables: { ...rest, [arg.name]: value(id) },
          };
        },
      }),
    ),
  );
}

const places = [
  ...Object.values(schema.getQueryType()?.getFields() ?? {}).flatMap((field) => placesOf('query', field)),
  ...Object.values(schema.getMutationType()?.getFields() ?? {}).flatMap((field) => placesOf('mutation', field)),
];

async function answerTo(place: Place, id: string): Promise<string> {
  const { document, variables } = place.call(id);
  const { status, body } = await post(testApp.app, document, variables, mine.desk.key);
  // The ids that the client sent itself may come back in messages, and those are the one thing that differs.
  return JSON.stringify({ status, body }).replaceAll(id, '<the id>');
}

describe('an id of another workspace is answered as one that does not exist in', () => {
  test.each(places.map((place) => [place.name, place] as const))('%s', async (_name, place) => {
    for (const [type, idOf] of Object.entries(pairs)) {
      const foreign = idOf(theirs);
      const nobody = nobodys(foreign);
      const global = (id: string) => encodeGlobalId(type as NodeType, id);
      expect(await answerTo(place, foreign)).toBe(await answerTo(place, nobody));
      expect(await answerTo(place, global(foreign))).toBe(await answerTo(place, global(nobody)));
    }
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
      ]),
    );
  });
});

test('after all that, the other workspace is as it was', async () => {
  const { prisma } = testApp.database;
  const where = { workspaceId: theirs.desk.workspaceId };
  expect(await prisma.conversation.findFirst({ where: { ...where, id: theirs.billing.id } })).toEqual(theirs.billing);
  expect(await prisma.message.count({ where })).toBe(1);
  expect(await prisma.customer.count({ where })).toBe(2);
});
