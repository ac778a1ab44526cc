import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { encodeGlobalId, entityOf, type NodeType } from '../../src/db/global-id.js';
import { idPrefixes } from '../../src/db/ids.js';
import { openTestApp, type TestApp } from '../kit/app.js';
import { ask } from '../kit/ask.js';
import { type Field, mutations, placesOfIds, queries, selectionIn, smallest } from '../kit/schema-walk.js';
import { type Story, tellStory } from '../kit/story.js';

/**
 * Each argument and input field of type ID takes all forms of the id of what it names. What it names is found out by
 * trying: whichever plain id it does not refuse as none.
 */

let testApp: TestApp;
let story: Story;
beforeAll(async () => {
  testApp = await openTestApp();
  story = await tellStory(testApp);
});
afterAll(() => testApp.close());

const types: readonly NodeType[] = [
  'Agent',
  'ApiKey',
  'Channel',
  'Customer',
  'Conversation',
  'Message',
  'RejectedMail',
  'BlockedSender',
  'Campaign',
  'Link',
  'Click',
  'Conversion',
  'AuditEntry',
  'WebhookEndpoint',
  'WebhookDelivery',
];
const plainOf = (type: NodeType): string => `${idPrefixes[entityOf(type)]}_0000000000000000`;
const uuid = '01234567-89ab-4cde-8f01-23456789abcd';

/** An id of the right kind for a place beside the one that is tried. */
function ownId(place: string): string {
  if (/\.conversationId$|^\w*Conversation/.test(place)) return 'thd_0';
  if (/^\w*RejectedMail/.test(place)) return 'rjm_0';
  if (/^\w*Agent/.test(place)) return 'agt_0';
  if (/^\w*Link/.test(place)) return 'lnk_0';
  return /^\w*Webhook/.test(place) ? 'whe_0' : 'ctc_0';
}

interface Place {
  name: string;
  call(id: string): { document: string; variables: object };
}

const placesOf = (kind: 'query' | 'mutation', field: Field): Place[] =>
  field.args.flatMap((arg) =>
    placesOfIds(arg.type, ownId).map(([path, value]): Place => {
      const others = field.args.filter(({ name, type }) => name !== arg.name && String(type).endsWith('!'));
      const given = [arg, ...others];
      return {
        name: `${field.name}(${arg.name}${path})`,
        call: (id) => ({
          document: `${kind} (${given.map(({ name, type }) => `$${name}: ${type}`).join(', ')}) {
            ${field.name}(${given.map(({ name }) => `${name}: $${name}`).join(', ')}) ${selectionIn(field)}
          }`,
          variables: {
            ...Object.fromEntries(others.map(({ name, type }) => [name, smallest(type, ownId)])),
            [arg.name]: value(id),
          },
        }),
      };
    }),
  );

/** Places for anything that has an id; and no customer does anything that the audit log tells. */
const isForAnything = /^nodes?\(|^auditLog\(filter\.actorId/;

const places = [
  ...queries.flatMap((field) => placesOf('query', field)),
  ...mutations.flatMap((field) => placesOf('mutation', field)),
].filter(({ name }) => !isForAnything.test(name));

/** Whether the id is refused for what it is, rather than for naming nothing. */
async function isRefused({ call }: Place, id: string): Promise<boolean> {
  const { document, variables } = call(id);
  const { data, errors } = await ask(testApp, story.desk, document, variables);
  return /not an id|not the id of/.test(JSON.stringify({ data, errors }));
}

describe.each(places.map((place) => [place.name, place] as const))('%s', (_name, place) => {
  test('takes global ids as well as plain ones, and customers by their uuid', async () => {
    const taken: NodeType[] = [];
    for (const type of types) if (!(await isRefused(place, plainOf(type)))) taken.push(type);
    expect(taken).not.toEqual([]);
    const forms = taken.flatMap((type) => [
      encodeGlobalId(type, plainOf(type)),
      ...(type === 'Customer'
        ? [
            encodeGlobalId('Contact', plainOf(type)),
            encodeGlobalId('TrackedCustomer', plainOf(type)),
            uuid,
            uuid.toUpperCase(),
          ]
        : []),
    ]);
    const refused: string[] = [];
    for (const form of forms) if (await isRefused(place, form)) refused.push(form);
    expect(refused).toEqual([]);
  });
});

describe('the uuid of a customer finds it', () => {
  test('in what revenue tracking, merges and filters are given', async () => {
    const { desk, jane, omar } = story;
    const run = async (document: string, variables: object) => {
      const { data, errors } = await ask(testApp, desk, document, variables);
      expect(errors).toBeUndefined();
      return data;
    };
    expect(
      await run(
        'mutation ($i: RecalculateCustomerLtvInput!) { recalculateCustomerLtv(input: $i) { customer { databaseId } userErrors { code } } }',
        {
          i: { id: jane.uuid },
        },
      ),
    ).toEqual({ recalculateCustomerLtv: { customer: { databaseId: jane.id }, userErrors: [] } });
    expect(
      await run('query ($f: ConversationFilter) { conversations(filter: $f) { nodes { contact { databaseId } } } }', {
        f: { customerId: { in: [jane.uuid.toUpperCase(), omar.id] } },
      }),
    ).toEqual({ conversations: { nodes: [{ contact: { databaseId: jane.id } }] } });
    expect(
      await run(
        'mutation ($i: RecordConversionInput!) { recordConversion(input: $i) { conversion { customer { databaseId } } userErrors { code } } }',
        {
          i: { class: 'LEAD', customerId: jane.uuid },
        },
      ),
    ).toEqual({ recordConversion: { conversion: { customer: { databaseId: jane.id } }, userErrors: [] } });
    const merge =
      'mutation ($i: MergeCustomersInput!) { mergeCustomers(input: $i) { customer { databaseId } userErrors { code path } } }';
    expect(await run(merge, { i: { sourceId: jane.uuid, targetId: jane.id } })).toMatchObject({
      mergeCustomers: { userErrors: [{ code: 'BAD_USER_INPUT', path: ['input', 'sourceId'] }] },
    });
    expect(await run(merge, { i: { sourceId: omar.uuid, targetId: jane.uuid } })).toEqual({
      mergeCustomers: { customer: { databaseId: jane.id }, userErrors: [] },
    });
  });
});
