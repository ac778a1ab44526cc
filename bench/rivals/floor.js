import { fromBench } from '../src/paths.js';
import { byExternalId, etagOf, isoTime, oldestFirst } from '../src/server/rival.js';

/** @type {import('../src/server/rival.js').Rival} */
export const floor = {
  title: 'Floor (SQL to JSON)',

  launch: async () => ({ args: [fromBench('rivals/floor-server.js')], cwd: fromBench(''), env: {}, readyPath: '/' }),

  connect: async ({ workspaceId, samples }, origin) => {
    /**
     * @param {string} name
     * @param {Record<string, string>} parameters
     * @returns {import('../src/server/rival.js').Request}
     */
    const get = (name, parameters = {}) => ({
      method: 'GET',
      path: `/${name}?${new URLSearchParams({ workspace: workspaceId, ...parameters })}`,
      headers: {},
    });
    let etag = '';
    return {
      renew: async () => {
        etag = await etagOf(origin, get('inbox'));
      },
      requests: {
        inbox: () => get('inbox'),
        conversation: ({ id }) => get('conversation', { id }),
        customers: () => get('customers'),
        node: ({ id }) => get('node', { id }),
        setStatus: (input) => get('set-status', input),
        filtered: ({ agent, lastMessageAt, id }) => get('filtered', { agent, at: lastMessageAt.toISOString(), id }),
        search: (input) =>
          'word' in input ? get('search-messages', { word: input.word }) : get('search-contacts', input.name),
        bulkUpsert: ({ customers }) => ({ ...get('bulk-upsert'), method: 'POST', body: JSON.stringify(customers) }),
        searchJapanese: ({ word }) => get('search-bigrams', { word: bigramsOf(word) }),
        searchPhone: ({ stored }) => get('phone', { phone: stored }),
        pollUnchanged: () => ({ ...get('inbox'), headers: { 'if-none-match': etag }, status: 304 }),
        entities: ({ ids }) => ({ ...get('conversations'), method: 'POST', body: JSON.stringify(ids) }),
        inboxAtDepth: () => {
          const place = samples.placeAtDepth;
          if (!place) throw new Error('no place at depth');
          return get('inbox-after', { at: place.lastMessageAt.toISOString(), id: place.id });
        },
      },
      readers: {
        inbox: (body) => inbox(/** @type {import('../src/comparison/operations.js').InboxPage} */ (body)),
        conversation: (body) => {
          const conversation = /** @type {import('../src/comparison/operations.js').Contents['conversation']} */ (body);
          return { ...conversation, messages: oldestFirst(conversation.messages) };
        },
        customers: (body) =>
          /** @type {import('../src/comparison/operations.js').CustomerRow[]} */ (body).map((row) => ({
            ...row,
            latestConversation: row.latestConversation && withIsoTime(row.latestConversation),
          })),
        node: (body) => withIsoTime(/** @type {import('../src/comparison/operations.js').ConversationHead} */ (body)),
        setStatus: (body) => /** @type {import('../src/comparison/operations.js').Contents['setStatus']} */ (body),
        filtered: (body) => {
          const page = /** @type {import('../src/comparison/operations.js').HeadPage} */ (body);
          return { ...page, conversations: page.conversations.map(withIsoTime) };
        },
        search: (body) => /** @type {import('../src/comparison/operations.js').Found} */ (body),
        bulkUpsert: (body) => byExternalId(/** @type {import('../src/comparison/operations.js').NotedCustomer[]} */ (body)),
        searchJapanese: (body) => /** @type {import('../src/comparison/operations.js').Found} */ (body),
        searchPhone: (body) => /** @type {import('../src/comparison/operations.js').ContactRow[]} */ (body),
        pollUnchanged: () => ({ unchanged: true }),
        entities: (body) => /** @type {import('../src/comparison/operations.js').ConversationHead[]} */ (body).map(withIsoTime),
        inboxAtDepth: (body) => inbox(/** @type {import('../src/comparison/operations.js').InboxPage} */ (body)),
      },
    };
  },
};

/**
 * @param {import('../src/comparison/operations.js').InboxPage} page
 * @returns {import('../src/comparison/operations.js').InboxPage}
 */
const inbox = ({ conversations, hasNextPage }) => ({
  conversations: conversations.map((conversation) => ({
    ...withIsoTime(conversation),
    messages: oldestFirst(conversation.messages),
  })),
  hasNextPage,
});

/**
 * @template {{ lastMessageAt: string }} Row
 * @param {Row} row
 */
const withIsoTime = (row) => ({ ...row, lastMessageAt: isoTime(row.lastMessageAt) });

/**
 * A run without blanks as the database keeps it: each character with the next.
 * @param {string} word
 */
function bigramsOf(word) {
  const characters = [...word];
  return characters.slice(1).map((next, place) => `'${characters[place]}${next}'`).join(' <-> ');
}
