import { parse, validate } from 'graphql';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { encodeGlobalId } from '../../../src/db/global-id.js';
import { schema } from '../../../src/graphql/schema.js';
import { openTestApp, post, type TestApp } from '../../kit/app.js';
import { randomNumbers, randomOperations } from '../../kit/random-operations.js';
import { fillDesk, type Story, tellStory } from '../../kit/story.js';

let testApp: TestApp;
let story: Story;

beforeAll(async () => {
  testApp = await openTestApp();
  story = await tellStory(testApp);
  await fillDesk(testApp, story.desk, { customers: 5, conversationsEach: 3, messagesEach: 2 });
});
afterAll(() => testApp.close());

const count = 1_000;

test(`of ${count} random operations none fails on our side, and many are answered`, async () => {
  const { desk, ada, mailbox, jane, omar, billing, question } = story;
  const plain = [desk.workspaceId, ...[ada, mailbox, jane, omar, billing, question].map(({ id }) => id)];
  const ids = [...plain, encodeGlobalId('Contact', jane.id), encodeGlobalId('Agent', ada.id), 'thd_none', 'no id', ''];
  const texts = [
    'jane@example.com',
    'usr_jane',
    'new@example.com',
    'x',
    '',
    ' ',
    "'; --",
    '%_\\',
    'Zoë 👩‍👧',
    'a\0b',
    'https://a.test/',
  ];
  const next = randomOperations(schema, randomNumbers(20_261_121), texts, ids);

  let answered = 0;
  for (let place = 0; place < count; place += 1) {
    const operation = next();
    expect(validate(schema, parse(operation)), operation).toEqual([]);
    // The second time it is compiled.
    for (const run of ['interpreted', 'compiled']) {
      const { status, body } = await post(testApp.app, operation, undefined, desk.key);
      const codes = (body.errors ?? []).map(({ extensions }) => extensions?.code);
      if (status === 500 || codes.includes('INTERNAL_SERVER_ERROR')) {
        throw new Error(`${run}: ${operation}\n${JSON.stringify(body)}`);
      }
      if (codes.length === 0) answered += 1;
    }
  }
  // Of twice as many runs: the rest is refused, as it should be, for ids that are none and values against the rules.
  expect(answered).toBeGreaterThan(0.75 * count);
});
