import { afterAll, beforeAll, expect, test } from 'vitest';
import { openTestApp, type TestApp } from '../../kit/app.js';
import { ask } from '../../kit/ask.js';
import { statementsOf } from '../../kit/statements.js';
import { type Story, tellStory } from '../../kit/story.js';

/** What is read of an object that is fetched by its id. */

let testApp: TestApp;
let story: Story;

beforeAll(async () => {
  testApp = await openTestApp();
  story = await tellStory(testApp);
});
afterAll(() => testApp.close());

const document = `query ($id: ID!) {
  node(id: $id) { __typename ... on Conversation { subject assignee { name } } ... on Agent { name email } }
}`;

const fetchNode = async (id: string) => (await ask(testApp, story.desk, document, { id })).data;

test('only the columns that the document selects for its type are read', async () => {
  const [statement = ''] = await statementsOf(() => fetchNode(story.billing.id));
  const [, columns = ''] = /^SELECT (.*?) FROM "Conversation"/s.exec(statement) ?? [];
  expect(columns.split(/,\s*/).sort()).toEqual(['r."assigneeId"', 'r."id"', 'r."subject"']);
});

test('one document is right for objects of each type, however often it runs', async () => {
  const { billing, ada } = story;
  for (let run = 0; run < 3; run += 1) {
    expect(await fetchNode(billing.id)).toEqual({
      node: { __typename: 'Conversation', subject: billing.subject, assignee: null },
    });
    expect(await fetchNode(ada.id)).toEqual({ node: { __typename: 'Agent', name: ada.name, email: ada.email } });
  }
});
