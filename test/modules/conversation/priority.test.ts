import { afterAll, beforeAll, expect, test } from 'vitest';
import { graphql } from '../../generated/gql.js';
import { openTestApp, type TestApp } from '../../kit/app.js';

let testApp: TestApp;

beforeAll(async () => {
  testApp = await openTestApp();
});
afterAll(() => testApp.close());

const start = graphql(`
  mutation StartWithPriority($input: StartConversationInput!) {
    startConversation(input: $input) { conversation { databaseId priority version } userErrors { path message } }
  }
`);
const update = graphql(`
  mutation UpdatePriority($input: UpdateConversationInput!) {
    updateConversation(input: $input) { conversation { priority version } result userErrors { path message } }
  }
`);
const byPriority = graphql(`
  query ByPriority($filter: ConversationFilter, $orderBy: ConversationOrder, $first: Int, $after: String) {
    conversations(filter: $filter, orderBy: $orderBy, first: $first, after: $after) {
      nodes { subject priority }
      pageInfo { endCursor hasNextPage }
    }
  }
`);
const changesOf = graphql(`
  query PriorityChanges($id: ID!) {
    auditLog(filter: { entityId: { eq: $id }, type: { eq: "conversation.updated" } }) { nodes { before after } }
  }
`);

async function openDesk() {
  const desk = await testApp.createDesk();
  const begin = async (subject: string, priority?: 'LOW' | 'NORMAL' | 'HIGH' | 'URGENT') => {
    const input = {
      email: `${subject}@example.com`,
      subject,
      text: 'Hello',
      direction: 'INBOUND' as const,
      ...(priority && { priority }),
    };
    const { startConversation } = await desk.run(start, { input });
    expect(startConversation.userErrors).toEqual([]);
    return startConversation.conversation;
  };
  return { ask: desk.run, begin };
}

test('a conversation begins with NORMAL priority unless another is given', async () => {
  const { begin } = await openDesk();
  expect(await begin('usual')).toMatchObject({ priority: 'NORMAL' });
  expect(await begin('fire', 'URGENT')).toMatchObject({ priority: 'URGENT' });
});

test('a change of the priority is versioned and recorded, and repeating it changes nothing', async () => {
  const { ask, begin } = await openDesk();
  const id = (await begin('rising'))?.databaseId ?? '';
  const input = { id, priority: 'HIGH' as const };
  expect((await ask(update, { input })).updateConversation).toMatchObject({
    result: 'UPDATED',
    conversation: { priority: 'HIGH', version: 2 },
  });
  expect((await ask(update, { input })).updateConversation).toMatchObject({ result: 'UNCHANGED' });
  expect((await ask(changesOf, { id })).auditLog.nodes).toEqual([
    { before: { priority: 'NORMAL' }, after: { priority: 'HIGH' } },
  ]);
});

test('null is no priority', async () => {
  const { ask, begin } = await openDesk();
  const id = (await begin('kept', 'LOW'))?.databaseId ?? '';
  const { updateConversation } = await ask(update, { input: { id, priority: null } });
  expect(updateConversation.userErrors).toEqual([{ path: ['input', 'priority'], message: 'Must not be null.' }]);
});

test('lists are filtered by priority, and sorted by it page by page', async () => {
  const { ask, begin } = await openDesk();
  let number = 0;
  for (const priority of ['HIGH', 'LOW', 'URGENT', 'NORMAL', 'HIGH'] as const) {
    number += 1;
    await begin(`no-${number}`, priority);
  }
  const high = await ask(byPriority, { filter: { priority: { in: ['HIGH'] } } });
  expect(high.conversations.nodes.map(({ priority }) => priority)).toEqual(['HIGH', 'HIGH']);

  const seen: string[] = [];
  for (let after: string | null | undefined; ; ) {
    const orderBy = { field: 'PRIORITY' as const, direction: 'DESC' as const };
    const { conversations } = await ask(byPriority, { orderBy, first: 2, ...(after != null && { after }) });
    seen.push(...conversations.nodes.map(({ priority }) => priority));
    after = conversations.pageInfo.endCursor;
    if (!conversations.pageInfo.hasNextPage) break;
  }
  expect(seen).toEqual(['URGENT', 'HIGH', 'HIGH', 'NORMAL', 'LOW']);
});
