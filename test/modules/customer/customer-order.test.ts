import type { VariablesOf } from '@graphql-typed-document-node/core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { graphql } from '../../generated/gql.js';
import { upsertCustomer } from '../../graphql/mutations.js';
import { type Desk, openTestApp, type TestApp } from '../../kit/app.js';

/** Names sort as people sort them, page by page and in both directions. */

let testApp: TestApp;
let desk: Desk;

beforeAll(async () => {
  testApp = await openTestApp();
  desk = await testApp.createDesk();
});
afterAll(() => testApp.close());

const readNames = graphql(`
  query CustomerOrderNames($orderBy: CustomerOrder!, $first: Int, $after: String, $last: Int, $before: String) {
    customers(orderBy: $orderBy, first: $first, after: $after, last: $last, before: $before) {
      nodes { name }
      pageInfo { endCursor hasNextPage startCursor hasPreviousPage }
    }
  }
`);

const inOrder = [
  null,
  'ánna 2',
  'Anna 10',
  'Ärger GmbH',
  'Order 9',
  'order 10',
  'Order 11',
  'Øster',
  'zeta',
  'Zoë',
  'zoe 2',
  '田中',
  '田中太郎',
];

interface Page {
  nodes: { name: string | null }[];
  pageInfo: { endCursor: string | null; hasNextPage: boolean; startCursor: string | null; hasPreviousPage: boolean };
}

async function read(args: VariablesOf<typeof readNames>): Promise<Page> {
  const { customers } = await desk.run(readNames, args);
  if (!customers) throw new Error('There is no page.');
  return customers;
}

test('names sort by letters before accents and case, and numbers by their value', async () => {
  for (const name of inOrder.toReversed()) await desk.run(upsertCustomer, { input: { externalId: `x-${name}`, name } });
  for (const direction of ['ASC', 'DESC'] as const) {
    const wanted = direction === 'ASC' ? inOrder : inOrder.toReversed();
    const orderBy = { field: 'NAME', direction } as const;
    const forwards: (string | null)[] = [];
    for (let after: string | null = null, hasNext = true; hasNext; ) {
      const { nodes, pageInfo } = await read({ orderBy, first: 3, after });
      forwards.push(...nodes.map(({ name }) => name));
      after = pageInfo.endCursor;
      hasNext = pageInfo.hasNextPage;
    }
    expect(forwards).toEqual(wanted);
    const backwards: (string | null)[] = [];
    for (let before: string | null = null, hasPrevious = true; hasPrevious; ) {
      const { nodes, pageInfo } = await read({ orderBy, last: 5, before });
      backwards.unshift(...nodes.map(({ name }) => name));
      before = pageInfo.startCursor;
      hasPrevious = pageInfo.hasPreviousPage;
    }
    expect(backwards).toEqual(wanted);
  }
});
