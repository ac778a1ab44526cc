/** The lists that the plans are looked at of, and what each of their pages may cost. */

export const size = { customers: 6_000, conversations: 16_000, messages: 24_000 };

export const page = 20;
/** A page, the row that tells of a further one, and what a filter of the list itself drops on the way. */
export const smallMultiple = 5 * (page + 1);

export interface List {
  name: string;
  /** The list with its arguments, within the document. */
  wrap(list: string): string;
  orderType: string;
  filterType: string;
  orders: readonly string[];
}

const atRoot = (list: string) => list;
export const customerOrders = [
  'CREATED_AT',
  'UPDATED_AT',
  'LAST_ACTIVITY_AT',
  'NAME',
  'CONVERSATION_COUNT',
  'LTV',
  'FIRST_SALE_AT',
] as const;
export const conversationOrders = ['LAST_MESSAGE_AT', 'CREATED_AT', 'UPDATED_AT'] as const;

export const customers: List = {
  name: 'customers',
  wrap: atRoot,
  orderType: 'CustomerOrder',
  filterType: 'CustomerFilter',
  orders: customerOrders,
};
export const contacts: List = { ...customers, name: 'contacts', filterType: 'ContactFilter' };
export const conversations: List = {
  name: 'conversations',
  wrap: atRoot,
  orderType: 'ConversationOrder',
  filterType: 'ConversationFilter',
  orders: conversationOrders,
};
export const ofCustomer: List = { ...conversations, wrap: (list) => `customer(id: "ctc_0") { ${list} }` };
export const ofContact: List = { ...conversations, wrap: (list) => `contact(id: "ctc_0") { ${list} }` };
export const ofAgent: List = {
  ...conversations,
  name: 'assignedConversations',
  wrap: (list) => `node(id: "agt_1") { ... on Agent { ${list} } }`,
};
export const messages: List = {
  name: 'messages',
  wrap: (list) => `conversation(id: "thd_0") { ${list} }`,
  orderType: 'MessageOrder',
  filterType: 'MessageFilter',
  orders: ['SENT_AT'],
};

export const served: { title: string; list: List; orders: readonly string[] }[] = [
  { title: 'customers', list: customers, orders: customerOrders },
  { title: 'contacts', list: contacts, orders: customerOrders },
  { title: 'conversations', list: conversations, orders: conversationOrders },
  { title: 'Customer.conversations', list: ofCustomer, orders: ['LAST_MESSAGE_AT'] },
  { title: 'Contact.conversations', list: ofContact, orders: ['LAST_MESSAGE_AT'] },
  { title: 'Agent.assignedConversations', list: ofAgent, orders: ['LAST_MESSAGE_AT'] },
];

/** Filters as a support desk uses them, in the order that the list has when nothing is said. */
export const servedFilters: [List, object][] = [
  ...[
    { status: { eq: 'OPEN' } },
    { status: { eq: 'CLOSED' } },
    { status: { eq: 'ARCHIVED' } },
    { status: { in: ['OPEN', 'CLOSED'] } },
    { assigneeId: { eq: 'agt_1' } },
    { assigneeId: { eq: 'agt_1' }, status: { eq: 'OPEN' } },
    { assigneeId: { isNull: true } },
    { assigneeId: { isNull: true }, status: { eq: 'OPEN' } },
    { isUnread: true },
    { channelId: { eq: 'chn_1' } },
    { channelId: { eq: 'chn_1' }, status: { eq: 'OPEN' } },
    { customerId: { eq: 'ctc_0' } },
    { tags: { hasAny: ['billing'] } },
    { tags: { hasAll: ['billing', 'refund'] }, status: { eq: 'OPEN' } },
    { number: { eq: 77 } },
    { lastMessageAt: { gte: '2026-01-03T00:00:00Z', lt: '2026-01-10T00:00:00Z' } },
  ].map((filter): [List, object] => [conversations, filter]),
  ...[
    { status: { eq: 'ACTIVE' } },
    { status: { eq: 'SUSPENDED' } },
    { sentiment: { eq: 'ANGRY' } },
    { sentiment: { eq: 'ANGRY' }, status: { eq: 'SUSPENDED' } },
    { tags: { hasAny: ['vip'] } },
    { tags: { hasAny: ['trial'] } },
    { tags: { hasAll: ['trial', 'vip'] } },
    { isArchived: false },
    { email: { eq: 'person77@example.com' } },
    { externalId: { eq: 'usr_77' } },
    { externalId: { isNull: false } },
    { name: { eq: 'Nobody' } },
    { name: { in: ['Nobody', 'Somebody'] } },
    { createdAt: { gte: '2026-01-02T00:00:00Z' } },
  ].map((filter): [List, object] => [customers, filter]),
  [contacts, { tags: { hasAny: ['vip'] } }],
  [contacts, { isArchived: false }],
  [messages, { sentAt: { gte: '2026-01-02T00:00:00Z' } }],
];

/**
 * For words the planner either goes through the list until the page is full or sorts all matches, whichever is less. Of
 * n rows with m matches that is min(n / m × page, m), which is at most the root of n × page; three times that leaves room
 * for matches that lie together.
 */
const wordsIn = (rows: number): number => Math.ceil(3 * Math.sqrt(rows * (page + 1)));
export const deskQueries: [List, object, number][] = [
  ...[
    { query: 'hello' },
    { query: 'invoice' },
    { query: 'zebra' },
    { query: 'zebra', status: { eq: 'OPEN' } },
    { query: 'hel', status: { eq: 'OPEN' } },
    { query: 'hello zebra' },
    { query: 'ada' },
    { query: 'person77@example.com' },
    { query: '777-0288' },
    { query: '退款' },
    { query: 'thd_77' },
    { query: '#77' },
    { query: 'refund' },
  ].map((filter): [List, object, number] => [conversations, filter, wordsIn(size.conversations)]),
  ...[
    { query: 'ada' },
    { query: 'person77@example' },
    { query: 'usr 77' },
    { query: 'nobody' },
    { query: '+1 (415) 777-0288' },
    { query: '田中' },
    { phone: { eq: '+1 (415) 777-0288' } },
    { nameOrEmail: 'ada' },
    { nameOrEmail: 'son77@' },
    { nameOrEmail: 'nobody' },
  ].flatMap((filter): [List, object, number][] => [
    [customers, filter, wordsIn(size.customers)],
    [contacts, filter, wordsIn(size.customers)],
  ]),
  [customers, { query: 'ada', status: { eq: 'SUSPENDED' } }, wordsIn(size.customers)],
];

/** What no index serves as a whole, and what its cost is bounded by instead. */
export const boundedOtherwise: { because: string; list: List; variables: object; most: number }[] = [
  ...['CREATED_AT', 'UPDATED_AT'].flatMap((field) => [
    {
      because: `${field} of one customer's conversations sorts those of the customer, which are few for nearly all`,
      list: ofCustomer,
      variables: { orderBy: { field, direction: 'DESC' } },
      most: 2 * (size.conversations / 10 + 100),
    },
    {
      because: `${field} of one agent's conversations sorts those of the agent or goes through those of all`,
      list: ofAgent,
      variables: { orderBy: { field, direction: 'DESC' } },
      most: 2 * 30 * (page + 1),
    },
  ]),
  ...[{ status: { eq: 'OPEN' } }, { assigneeId: { eq: 'agt_1' } }, { channelId: { eq: 'chn_1' } }].map((filter) => ({
    because: 'unread conversations are few in a desk that works, and filtered on',
    list: conversations,
    variables: { filter: { isUnread: true, ...filter } },
    most: size.conversations / 80 + 30,
  })),
  ...[customers, contacts].map((list) => ({
    because: 'archived contacts are a part of all, so a page of them is found on the way through the others',
    list,
    variables: { filter: { isArchived: true } },
    most: 11 * (page + 1),
  })),
  ...[{ query: 'invoice' }, { query: 'zebra' }, { query: 'nothing' }, { direction: { eq: 'INBOUND' } }].map(
    (filter) => ({
      because: 'what is asked of the messages of one conversation goes through these',
      list: messages,
      variables: { filter },
      most: size.messages / 20 + 10,
    }),
  ),
  ...['ASC', 'DESC'].map((direction) => ({
    because: 'the planner knows how many messages a conversation has on average, and may sort those of a long one',
    list: messages,
    variables: { orderBy: { field: 'SENT_AT', direction } },
    most: size.messages / 20 + 10,
  })),
  {
    because: 'a range of one column under the order of another goes through the list or sorts the range',
    list: customers,
    variables: { filter: { ltvMinor: { gt: 4_900 } } },
    most: 2 * 50 * (page + 1),
  },
];
