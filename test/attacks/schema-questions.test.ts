import { getIntrospectionQuery, graphqlSync, parse } from 'graphql';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createCostOf } from '../../src/graphql/limits/cost.js';
import { schema } from '../../src/graphql/schema.js';
import { openTestApp, post, type TestApp } from '../kit/app.js';

/** Questions about the schema that are short, with long answers. */

const costOf = createCostOf(schema);
const pointsOf = (query: string, variables = {}): number => costOf(parse(query), undefined, variables).points;
const bytesOf = (query: string): number => JSON.stringify(graphqlSync({ schema, source: query })).length;

const whole = getIntrospectionQuery();
const named = 'type { kind name ofType { kind name ofType { kind name ofType { name } } } }';
const fields = `fields { name description args { name description defaultValue ${named} } ${named} }`;
const inputs =
  'fields { args { type { ofType { inputFields { name description } } inputFields { name description } enumValues { name } } } }';
const results = 'fields { type { fields { name description args { name } } ofType { fields { name description } } } }';
const repeated = (ask: string, selection: string, times = 60): string =>
  `{ ${Array.from({ length: times }, (_, place) => `a${place}: ${ask}`).join(' ')} } fragment F on __Type { ${selection} }`;

test.each([
  ['what can be asked', repeated('__type(name: "Query") { ...F }', fields)],
  ['what can be done', repeated('__type(name: "Mutation") { ...F }', fields)],
  ['the root types', repeated('__schema { queryType { ...F } mutationType { ...F } }', fields, 30)],
  ['inputs', repeated('__type(name: "Mutation") { ...F }', inputs)],
  ['results', repeated('__type(name: "Query") { ...F }', results)],
  ['descriptions', `{ __schema { types { ${'abcdefghij'.replace(/./g, '$&: description ')} } } }`],
])('about %s are priced by their answers, as the question about everything', (_what, query) => {
  expect(bytesOf(query) / pointsOf(query)).toBeLessThan((2 * bytesOf(whole)) / pointsOf(whole));
});

test('cost what the type in a variable has, whichever was asked for before', () => {
  const query = 'query Type($name: String!) { __type(name: $name) { fields { name } } }';
  const prices = ['Viewer', 'Query', 'None', '__proto__', 'Viewer'].map((name) => pointsOf(query, { name }));
  expect(prices).toEqual([
    pointsOf('{ __type(name: "Viewer") { fields { name } } }'),
    pointsOf('{ __type(name: "Query") { fields { name } } }'),
    1,
    1,
    prices[0],
  ]);
  expect(prices[1]).toBeGreaterThan(3 * (prices[0] ?? 0));
});

test('that are far too long are not counted to their end', () => {
  const doubling = Array.from(
    { length: 60 },
    (_, place) => `fragment F${place} on __Schema { ...F${place + 1} ...F${place + 1} }`,
  );
  expect(
    pointsOf(`{ __schema { ...F0 } } ${doubling.join(' ')} fragment F60 on __Schema { types { name } }`),
  ).toBeGreaterThan(1e12);
});

let testApp: TestApp;
beforeAll(async () => {
  testApp = await openTestApp();
});
afterAll(() => testApp.close());

test('that are long are refused, and those of tools are not', async () => {
  const { key } = await testApp.createDesk();
  const { body } = await post(testApp.app, repeated('__type(name: "Query") { ...F }', fields), {}, key);
  expect(body.errors).toMatchObject([{ extensions: { code: 'COST_LIMIT' } }]);
  for (const query of [whole, `{ __type(name: "Customer") { ${fields} } }`]) {
    expect((await post(testApp.app, query, {}, key)).body.errors).toBeUndefined();
  }
});
