/**
 * What each operation asks for, and the essential content that every rival has to answer it with. The load is only
 * measured after all of them gave the same content.
 *
 * @typedef {{ id: string, preview: string, direction: string, sentAt: string }} Excerpt
 * @typedef {object} InboxConversation
 * @property {string} id
 * @property {string | null} subject
 * @property {string} status
 * @property {boolean} isUnread
 * @property {string} lastMessageAt
 * @property {string} lastMessagePreview
 * @property {{ id: string, email: string | null, name: string | null, avatarUrl: string | null }} contact
 * @property {{ id: string, name: string } | null} assignee
 * @property {Excerpt[]} messages the last three, oldest first
 *
 * @typedef {{ conversations: InboxConversation[], hasNextPage: boolean }} InboxPage
 * @typedef {{ id: string, text: string, direction: string, sentAt: string }} FullMessage
 * @typedef {{ id: string, subject: string | null, status: string, lastMessageAt: string }} ConversationHead
 * @typedef {{ id: string, status: string, lastMessageAt: string }} LatestConversation
 * @typedef {object} CustomerRow
 * @property {string} id
 * @property {string | null} name
 * @property {string | null} email
 * @property {number} conversationCount
 * @property {LatestConversation | null} latestConversation
 *
 * @typedef {{ conversations: ConversationHead[], hasNextPage: boolean }} HeadPage
 * @typedef {{ id: string, name: string | null, email: string | null }} ContactRow
 * @typedef {{ contacts: ContactRow[] | null, messages: { id: string, preview: string }[] | null }} Found
 * @typedef {{ first: string, last: string }} FullName
 * @typedef {{ externalId: string, notes: string }} NotedCustomer
 *
 * @typedef {object} Inputs what a request of each operation is made from
 * @property {Record<string, never>} inbox
 * @property {{ id: string }} conversation
 * @property {Record<string, never>} customers
 * @property {{ id: string }} node
 * @property {{ id: string, status: 'OPEN' | 'CLOSED' }} setStatus
 * @property {Record<string, never>} inboxAtDepth
 * @property {import('../database/dataset.js').Assigned} filtered
 * @property {{ name: FullName } | { word: string }} search
 * @property {{ customers: NotedCustomer[] }} bulkUpsert
 * @property {{ word: string }} searchJapanese
 * @property {import('../database/dataset.js').Phone} searchPhone
 * @property {Record<string, never>} pollUnchanged
 * @property {{ ids: string[] }} entities
 *
 * @typedef {object} Contents
 * @property {InboxPage} inbox
 * @property {{ id: string, subject: string | null, status: string, messages: FullMessage[] }} conversation
 * @property {CustomerRow[]} customers
 * @property {ConversationHead} node
 * @property {{ id: string, status: string }} setStatus
 * @property {InboxPage} inboxAtDepth
 * @property {HeadPage} filtered
 * @property {Found} search
 * @property {NotedCustomer[]} bulkUpsert
 * @property {Found} searchJapanese
 * @property {ContactRow[]} searchPhone
 * @property {{ unchanged: true }} pollUnchanged
 * @property {ConversationHead[]} entities
 */

/** @typedef {import('./options.js').OperationName} OperationName */

/** @type {Record<OperationName, string>} */
export const descriptions = {
  inbox: 'inbox page: 20 conversations, contact, assignee, last 3 messages',
  conversation: 'one conversation with its newest 50 messages',
  customers: '20 customers with their latest conversation',
  node: 'one conversation by global id',
  setStatus: 'set the status of a conversation',
  inboxAtDepth: 'inbox page behind the 100,000th conversation',
  filtered: 'open conversations of one agent, second page',
  search: 'ten contacts by a misspelt name, or ten messages by a word',
  bulkUpsert: 'upsert 100 customers by their externalIds, each of them a change',
  searchJapanese: 'ten messages by a Japanese word, between which and the next there is no blank',
  searchPhone: 'the contact with a phone number, written as people in its country do',
  pollUnchanged: 'the inbox page again, of which nothing has changed: 304',
  entities: '100 conversations by id, as a federated gateway asks for them',
};

/**
 * The inputs for `connections` connections: each goes through its own sequence, over and over.
 * @template {OperationName} Name
 * @param {Name} operation
 * @param {import('../database/dataset.js').Samples} samples
 * @param {number} connections
 * @returns {Inputs[Name][][]}
 */
export function inputSequences(operation, samples, connections) {
  /** @type {{ [Name in OperationName]: () => Inputs[Name][][] }} */
  const sequences = {
    inbox: () => [[{}]],
    customers: () => [[{}]],
    inboxAtDepth: () => [[{}]],
    filtered: () => [samples.assigned],
    search: () => [searches],
    conversation: () => deal(samples.longConversations, connections).map((ids) => ids.map((id) => ({ id }))),
    node: () => deal(samples.conversations, connections).map((ids) => ids.map((id) => ({ id }))),
    // Every conversation belongs to one connection, which closes it and opens it again before it goes on: no request
    // waits for another's row lock, and each one is a change, wherever the load before was cut off.
    setStatus: () => deal(samples.conversations, connections).map((ids) => ids.flatMap((id) => [closed(id), opened(id)])),
    searchJapanese: () => [japaneseWords.map((word) => ({ word }))],
    searchPhone: () => [samples.phones],
    pollUnchanged: () => [[{}]],
    entities: () => [batchesOf(samples.conversations).map((ids) => ({ ids }))],
    // The same with batches of customers.
    bulkUpsert: () => deal(batchesFor(samples.customers, connections), connections).map((batches) => batches.flatMap(bothNotes)),
  };
  return sequences[operation]();
}

/**
 * Names with two letters exchanged, and words of the messages, in turn.
 * @type {Inputs['search'][]}
 */
const searches = [
  { name: { first: 'Ingird', last: 'Tanaka' } },
  { word: 'refunded' },
  { name: { first: 'Fatima', last: 'Lindqivst' } },
  { word: 'spreadsheet' },
  { name: { first: 'Dmirti', last: 'Okafor' } },
  { word: 'password' },
];

/** Of the Japanese sentences in `sql/dataset.sql`. */
const japaneseWords = ['返金', '請求書', '配送状況', 'パスワード'];

/** @param {string} id @returns {Inputs['setStatus']} */
const closed = (id) => ({ id, status: 'CLOSED' });

/** @param {string} id @returns {Inputs['setStatus']} */
const opened = (id) => ({ id, status: 'OPEN' });

const batchSize = 100;

/** @param {string[]} ids */
const batchesOf = (ids) =>
  Array.from({ length: Math.floor(ids.length / batchSize) }, (_, place) =>
    ids.slice(place * batchSize, (place + 1) * batchSize),
  );

/**
 * @param {string[]} customers
 * @param {number} connections
 */
function batchesFor(customers, connections) {
  const batches = batchesOf(customers);
  if (batches.length < connections) throw new Error(`bulkUpsert takes at most ${batches.length} connections`);
  return batches;
}

/** @param {string[]} batch @returns {Inputs['bulkUpsert'][]} */
const bothNotes = (batch) =>
  ['Asked for a call back.', 'Was called back.'].map((notes) => ({
    customers: batch.map((externalId) => ({ externalId, notes })),
  }));

/**
 * @template Item
 * @param {Item[]} items
 * @param {number} hands
 */
function deal(items, hands) {
  return Array.from({ length: hands }, (_, hand) => items.filter((_, index) => index % hands === hand));
}
