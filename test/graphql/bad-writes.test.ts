import { afterAll, beforeAll, expect, test } from 'vitest';
import { openTestApp, type TestApp } from '../kit/app.js';
import { ask } from '../kit/ask.js';
import { type Story, tellStory } from '../kit/story.js';
import { badTexts, blank, type Input, type Mistake, testMistakes } from './mistakes.js';

let testApp: TestApp;
let story: Story;

beforeAll(async () => {
  testApp = await openTestApp();
  story = await tellStory(testApp);
});
afterAll(() => testApp.close());

/** An object that holds itself `levels` deep. */
const nested = (levels: number): Input => (levels === 1 ? { end: true } : { in: nested(levels - 1) });

const known = { externalId: 'usr_new' };
const upsertCustomer: Mistake[] = [
  ['nothing', 'input.externalId', {}],
  ['only a name', 'input.externalId', { name: 'Jane' }],
  ['null for every key', 'input.externalId', { id: null, externalId: null, email: null }],
  ['an unknown field', 'input', { ...known, nickname: 'J' }],
  ['an unknown id', 'input.id', { id: 'ctc_nobody' }, 'NOT_FOUND'],
  ['no id', 'input.id', { id: '' }],
  ['the id of a conversation', 'input.id', ({ billing }) => ({ id: billing.id })],
  ...badTexts('externalId', 255),
  ...badTexts('email', 320),
  ...badTexts('name', 255, known),
  ...badTexts('phone', 64, known),
  ...badTexts('notes', 10_000, known),
  ...['externalId', 'email'].flatMap((field) => blank(field)),
  ...['name', 'phone', 'avatarUrl'].flatMap((field) => blank(field, known)),
  ...['jane', 'jane@', '@example.com', 'jane@example', 'jane@exa mple.com', 'a@b.test, c@d.test'].map(
    (email): Mistake => [`the address ${email}`, 'input.email', { email }],
  ),
  ...['jane.png', 'ftp://a.test/b', 'javascript:alert(1)', 'data:image/png;base64,', 'https://'].map(
    (avatarUrl): Mistake => [`the picture ${avatarUrl}`, 'input.avatarUrl', { ...known, avatarUrl }],
  ),
  [
    'null for what cannot be empty',
    ['input.status', 'input.sentiment', 'input.tags', 'input.metadata'],
    { ...known, status: null, sentiment: null, tags: null, metadata: null },
  ],
  ['no status', 'input.status', { ...known, status: 'ASLEEP' }],
  ['no sentiment', 'input.sentiment', { ...known, sentiment: 'happy' }],
  ['51 tags', 'input.tags', { ...known, tags: Array.from({ length: 51 }, (_, place) => `tag ${place}`) }],
  ['an empty tag', 'input.tags.1', { ...known, tags: ['vip', ''] }],
  ['null for a tag', 'input.tags.0', { ...known, tags: [null] }],
  ['a tag of 65 characters', 'input.tags.0', { ...known, tags: ['x'.repeat(65)] }],
  ['a list for metadata', 'input.metadata', { ...known, metadata: [1] }],
  ['a text for metadata', 'input.metadata', { ...known, metadata: '{}' }],
  ['metadata of 6 levels', 'input.metadata', { ...known, metadata: nested(6) }],
  ['metadata of 25 levels', 'input.metadata', { ...known, metadata: nested(25) }],
  ['metadata of 16 KiB and more', 'input.metadata', { ...known, metadata: { text: 'x'.repeat(16_384) } }],
  ['a name in metadata of 101 characters', 'input.metadata', { ...known, metadata: { ['x'.repeat(101)]: 1 } }],
  ['metadata with a NUL', 'input.metadata', { ...known, metadata: { text: 'a\0' } }],
  ['metadata with half a surrogate pair', 'input.metadata', { ...known, metadata: { list: [{ text: '\ud800' }] } }],
  ['a name in metadata with half a surrogate pair', 'input.metadata', { ...known, metadata: { in: { '\ud800': 1 } } }],
  [
    'metadata that is too much with what is stored',
    'input.metadata',
    ({ jane }) => ({ id: jane.id, metadata: { text: 'x'.repeat(16_384 - 15) } }),
  ],
];

const createContact: Mistake[] = [
  ['nothing', 'input', {}],
  ['null for the address', 'input.email', { email: null }],
  ...badTexts('email', 320),
  ...badTexts('name', 255, { email: 'new@example.com' }),
  ...blank('email'),
  ...blank('name', { email: 'new@example.com' }),
];

const hello = { email: 'new@example.com', text: 'Hello' };
const startConversation: Mistake[] = [
  ['nobody', 'input.email', { text: 'Hello' }],
  ['somebody twice', 'input.email', ({ jane }) => ({ ...hello, contactId: jane.id })],
  ['no text', 'input', { email: 'new@example.com' }],
  ['an unknown contact', 'input.contactId', { contactId: 'ctc_nobody', text: 'Hello' }, 'NOT_FOUND'],
  ['an unknown channel', 'input.channelId', { ...hello, channelId: 'chn_nowhere' }, 'NOT_FOUND'],
  ['an unknown agent', 'input.assigneeId', { ...hello, assigneeId: 'agt_nobody' }, 'NOT_FOUND'],
  ['an agent who left', 'input.assigneeId', ({ carl }) => ({ ...hello, assigneeId: carl.id }), 'NOT_FOUND'],
  ['a customer for an agent', 'input.assigneeId', ({ jane }) => ({ ...hello, assigneeId: jane.id })],
  ['a message from the system', 'input.direction', { ...hello, direction: 'SYSTEM' }],
  ...badTexts('text', 100_000, hello),
  ...badTexts('html', 400_000, hello),
  ...badTexts('subject', 500, hello),
  ...badTexts('externalId', 255, hello),
  ...blank('text', hello),
  ...blank('subject', hello),
];

const addMessage: Mistake[] = [
  ['no conversation', 'input', { text: 'Hello' }],
  ['an unknown conversation', 'input.conversationId', { conversationId: 'thd_none', text: 'Hello' }, 'NOT_FOUND'],
  [
    'an unknown agent',
    'input.agentId',
    ({ billing }) => ({ conversationId: billing.id, text: 'x', agentId: 'agt_none' }),
    'NOT_FOUND',
  ],
  [
    'an inbound note',
    'input.isInternal',
    ({ billing }) => ({ conversationId: billing.id, text: 'x', isInternal: true, direction: 'INBOUND' }),
  ],
  [
    'another version',
    'input.ifVersion',
    ({ billing }) => ({ conversationId: billing.id, text: 'x', ifVersion: -1 }),
    'CONFLICT',
  ],
  [
    'a version beyond 32 bits',
    'input.ifVersion',
    ({ billing }) => ({ conversationId: billing.id, text: 'x', ifVersion: 2_147_483_648 }),
  ],
  ...[
    '0000-01-01T00:00:00Z',
    '0001-01-01T00:00:00+23:00',
    '9999-12-31T23:59:59-23:00',
    '275760-09-13T00:00:00Z',
    'now',
    0,
  ].map(
    (sentAt): Mistake => [
      `sentAt: ${sentAt}`,
      'input.sentAt',
      ({ billing }) => ({ conversationId: billing.id, text: 'x', sentAt }),
    ],
  ),
];

testMistakes({ upsertCustomer, createContact, startConversation, addMessage }, () => ({ testApp, story }));

test('metadata keeps backslashes, signs of every plane and numbers as they are', async () => {
  const metadata = { path: 'C:\\u0000\\temp', sign: '👩‍👩‍👧', number: 0.1, list: [null, true, {}] };
  const document = `mutation ($input: UpsertCustomerInput!) {
    upsertCustomer(input: $input) { customer { metadata } userErrors { message } }
  }`;
  const { data } = await ask(testApp, story.desk, document, { input: { externalId: 'usr_odd', metadata } });
  expect(data).toEqual({ upsertCustomer: { customer: { metadata }, userErrors: [] } });
});
