import { afterAll, beforeAll } from 'vitest';
import { openTestApp, type TestApp } from '../kit/app.js';
import { type Story, tellStory } from '../kit/story.js';
import { badTexts, blank, type Input, type Mistake, testMistakes } from './mistakes.js';

let testApp: TestApp;
let story: Story;

beforeAll(async () => {
  testApp = await openTestApp();
  story = await tellStory(testApp);
});
afterAll(() => testApp.close());

const attached = (attachment: Input): ((story: Story) => Input) => {
  const whole = { url: 'https://files.example.com/a.png', fileName: 'a.png', ...attachment };
  return ({ billing }) => ({ conversationId: billing.id, text: 'x', attachments: [whole] });
};
const attachments: Mistake[] = [
  ...['a.png', 'ftp://files.example.com/a', 'javascript:alert(1)', 'file:///etc/passwd', 'https://'].map(
    (url): Mistake => [`the file ${url}`, 'input.attachments.0.url', attached({ url })],
  ),
  ['a file without a name', 'input.attachments.0.fileName', attached({ fileName: ' ' })],
  ['a name of 256 characters', 'input.attachments.0.fileName', attached({ fileName: 'x'.repeat(256) })],
  ...['png', 'image/', 'image/png; charset=x', 'a b/c'].map(
    (type): Mistake => [`the type ${type}`, 'input.attachments.0.contentType', attached({ contentType: type })],
  ),
  ['a file of -1 bytes', 'input.attachments.0.sizeBytes', attached({ sizeBytes: -1 })],
  ['a file of 2 GiB', 'input.attachments.0.sizeBytes', attached({ sizeBytes: 2_147_483_648 })],
  [
    '21 files',
    'input.attachments',
    ({ billing }) => ({
      conversationId: billing.id,
      text: 'x',
      attachments: Array.from({ length: 21 }, () => ({ url: 'https://files.example.com/a', fileName: 'a' })),
    }),
  ],
];

const editNote: Mistake[] = [
  ['an unknown note', 'input.id', { id: 'msg_none', text: 'x' }, 'NOT_FOUND'],
  ['a message that is no note', 'input.id', ({ question }) => ({ id: question.id, text: 'x' })],
  ['a conversation', 'input.id', ({ billing }) => ({ id: billing.id, text: 'x' })],
  ...badTexts('text', 100_000, { id: 'msg_none' }),
  ...badTexts('html', 400_000, { id: 'msg_none', text: 'x' }),
  ...blank('text', { id: 'msg_none' }),
];

const updateConversation: Mistake[] = [
  ['an unknown conversation', 'input.id', { id: 'thd_none', subject: 'x' }, 'NOT_FOUND'],
  ['no channel', 'input.channelId', ({ billing }) => ({ id: billing.id, channelId: '' })],
  ['an agent for a channel', 'input.channelId', ({ billing, ada }) => ({ id: billing.id, channelId: ada.id })],
  ...badTexts('subject', 500, { id: 'thd_none' }),
  ...blank('subject', { id: 'thd_none' }),
];

const snoozeConversation: Mistake[] = [
  ['an unknown conversation', 'input.id', { id: 'thd_none', until: '2999-01-01T00:00:00Z' }, 'NOT_FOUND'],
  ['a time that has passed', 'input.until', ({ billing }) => ({ id: billing.id, until: '2020-01-01T00:00:00Z' })],
  ['no time', 'input', ({ billing }) => ({ id: billing.id })],
];

const closed = { status: 'CLOSED' };
const setConversationsStatus: Mistake[] = [
  ['nothing to change', 'input.ids', closed],
  ['two ways to say which', 'input.ids', ({ billing }) => ({ ...closed, ids: [billing.id], filter: {} })],
  ['no id', 'input.ids', { ...closed, ids: [] }],
  ['251 ids', 'input.ids', { ...closed, ids: Array.from({ length: 251 }, (_, place) => `thd_${place}`) }],
  ['what is no id', 'input.ids.1', ({ billing }) => ({ ...closed, ids: [billing.id, 'x'] })],
  ['an unknown id', 'input.ids.1', ({ billing }) => ({ ...closed, ids: [billing.id, 'thd_none'] }), 'NOT_FOUND'],
  ['null in the filter', 'input.filter.status', { ...closed, filter: { status: null } }],
  ['an agent for a customer', 'input.filter.customerId.eq', { ...closed, filter: { customerId: { eq: 'agt_1' } } }],
  ['no status', 'input', ({ billing }) => ({ ids: [billing.id] })],
];

const assignConversations: Mistake[] = [
  ['nothing to change', 'input.ids', {}],
  [
    'an agent who left',
    'input.assigneeId',
    ({ billing, carl }) => ({ ids: [billing.id], assigneeId: carl.id }),
    'NOT_FOUND',
  ],
  ['an unknown agent', 'input.assigneeId', { filter: {}, assigneeId: 'agt_none' }, 'NOT_FOUND'],
  ['an unknown id', 'input.ids.0', { ids: ['thd_none'] }, 'NOT_FOUND'],
];

const dora = { name: 'Dora', email: 'dora@desk.test' };
const createAgent: Mistake[] = [
  ['nothing', ['input', 'input'], {}],
  ['an address that is taken', 'input.email', { ...dora, email: 'ADA@desk.test' }, 'CONFLICT'],
  ['a picture that is none', 'input.avatarUrl', { ...dora, avatarUrl: 'ftp://a.test' }],
  ...badTexts('name', 255, dora),
  ...badTexts('email', 320, dora),
  ...blank('name', dora),
  ...blank('email', dora),
];

const updateAgent: Mistake[] = [
  ['an unknown agent', 'input.id', { id: 'agt_none', name: 'x' }, 'NOT_FOUND'],
  [
    'null for what cannot be empty',
    ['input.name', 'input.email'],
    ({ ada }) => ({ id: ada.id, name: null, email: null }),
  ],
  ...badTexts('name', 255, { id: 'agt_none' }),
  ...badTexts('email', 320, { id: 'agt_none' }),
];

const createChannel: Mistake[] = [
  ['a name that is taken', 'input.name', { kind: 'EMAIL', name: 'Support' }, 'CONFLICT'],
  ['an address for a chat', 'input.address', { kind: 'CHAT', name: 'Chat', address: 'chat@desk.test' }],
  ['an unknown kind', 'input.kind', { kind: 'FAX', name: 'Fax' }],
  ...badTexts('name', 255, { kind: 'EMAIL' }),
  ...badTexts('address', 320, { kind: 'EMAIL', name: 'New' }),
  ...blank('name', { kind: 'EMAIL' }),
];

const updateChannel: Mistake[] = [
  ['an unknown channel', 'input.id', { id: 'chn_none', name: 'x' }, 'NOT_FOUND'],
  ['null for the name', 'input.name', ({ mailbox }) => ({ id: mailbox.id, name: null })],
  ['an address that is none', 'input.address', ({ mailbox }) => ({ id: mailbox.id, address: 'help@' })],
];

testMistakes(
  {
    addMessage: attachments,
    editNote,
    updateConversation,
    snoozeConversation,
    setConversationsStatus,
    assignConversations,
    createAgent,
    updateAgent,
    createChannel,
    updateChannel,
  },
  () => ({ testApp, story }),
);
