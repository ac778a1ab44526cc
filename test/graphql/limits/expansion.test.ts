import { getIntrospectionQuery, getOperationAST, parse } from 'graphql';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { countFields } from '../../../src/graphql/limits/expansion.js';
import { type Desk, openTestApp, type TestApp } from '../../kit/app.js';
import { ask } from '../../kit/ask.js';

let testApp: TestApp;
let desk: Desk;

beforeAll(async () => {
  testApp = await openTestApp();
  desk = await testApp.createDesk();
});
afterAll(() => testApp.close());

/** Fragments of which each uses the next one twice, so that every level doubles the fields. */
const doubling = (levels: number): string => {
  const fragments = Array.from(
    { length: levels },
    (_, level) =>
      `fragment F${level} on Customer { a: contact { customer { ...F${level + 1} } } b: contact { customer { ...F${level + 1} } } }`,
  );
  return `{ customer(id: "ctc_none") { ...F0 } } ${fragments.join(' ')} fragment F${levels} on Customer { name }`;
};

const countOf = (text: string): number => {
  const document = parse(text);
  const operation = getOperationAST(document);
  return operation ? countFields(document, operation) : 0;
};

describe('the fields of an operation', () => {
  test.each([
    ['{ a b { c } }', 3],
    ['{ ... on Query { a } ...F } fragment F on Query { b { c } }', 3],
    ['{ x: b { ...F } y: b { ...F } } fragment F on B { c d }', 6],
  ])('%s are %i', (text, count) => {
    expect(countOf(text)).toBe(count);
  });

  test('are counted where nobody could write them out', () => {
    expect(countOf(doubling(40))).toBeGreaterThan(2 ** 40);
  });

  test('may be as many as an introspection has', async () => {
    const { data } = await ask(
      testApp,
      desk,
      getIntrospectionQuery({ inputValueDeprecation: true, schemaDescription: true }),
    );
    expect(data).toHaveProperty('__schema');
  });

  test.each([10, 11, 60])(
    'that double %i times are refused before anything else, however often they come',
    async (levels) => {
      for (let run = 1; run <= 3; run += 1) {
        const { data, errors } = await ask(testApp, desk, doubling(levels));
        expect(data).toBeUndefined();
        // Those that double more often nest too deep already.
        const message = expect.stringContaining(levels < 14 ? '2000 fields' : 'at most 30 levels');
        expect(errors).toMatchObject([{ message, extensions: { code: 'COST_LIMIT' } }]);
      }
    },
  );

  test('that double six times are answered', async () => {
    for (let run = 1; run <= 3; run += 1)
      expect(await ask(testApp, desk, doubling(6))).toEqual({ data: { customer: null } });
  });
});
