import type { GraphiQLOptions } from 'graphql-yoga';

/** GraphiQL as it opens for a newcomer: a place for the key, and operations that answer on the demo data. */

const headers = JSON.stringify({ Authorization: 'Bearer YOUR_API_KEY' }, null, 2);

const examples = [
  `# The inbox: put a key into the headers below, then press Ctrl-Enter.
query Inbox {
  conversations(first: 20) {
    nodes {
      databaseId
      subject
      status
      isUnread
      lastMessageAt
      lastMessagePreview
      contact { name email }
      assignee { name }
      messages(last: 3) { nodes { direction preview sentAt author { name } } }
    }
    pageInfo { hasNextPage endCursor }
    totalCount
  }
}
`,
  `# Customers with their latest conversation, the most active first.
query Customers {
  customers(first: 10, orderBy: { field: LAST_ACTIVITY_AT, direction: DESC }) {
    nodes {
      databaseId
      name
      email
      tags
      conversationCount
      latestConversation { databaseId status lastMessagePreview }
    }
  }
}
`,
  `# Starts a conversation; run it twice and the contact is created once.
mutation Start {
  startConversation(
    input: { email: "jane@example.com", name: "Jane Doe", subject: "Billing question", text: "Hi Jane, …" }
  ) {
    conversation { databaseId status }
    contact { databaseId name }
    message { preview status }
    userErrors { code message path }
  }
}
`,
];

export const graphiqlOptions: GraphiQLOptions = {
  title: 'Deskgraph',
  defaultTabs: examples.map((query) => ({ query, headers })),
  defaultHeaders: headers,
  headers,
  isHeadersEditorEnabled: true,
  defaultEditorToolsVisibility: 'headers',
  shouldPersistHeaders: true,
  schemaDescription: true,
};
