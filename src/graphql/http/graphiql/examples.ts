/**
 * The initial tabs of GraphiQL for a new user: a placeholder for the key, and operations that work with the demo data.
 */

export const placeholder = 'Bearer YOUR_API_KEY';
export const headers = JSON.stringify({ Authorization: placeholder }, null, 2);

// The lines are short enough for the editor pane on a laptop.
export const examples: { query: string; variables?: object }[] = [
  {
    query: `# Welcome to Deskgraph!
#
# 1. Paste an API key over YOUR_API_KEY below.
#    The gateway prints one when it first starts.
# 2. Press Ctrl-Enter, or the button on the right.
# 3. The book on the left explains every field.
#
# The key serves the other tabs as well.

query Inbox {
  conversations(first: 20) {
    totalCount
    pageInfo { hasNextPage endCursor }
    nodes {
      databaseId
      subject
      status
      isUnread
      lastMessageAt
      contact { name email }
      assignee { name }
      messages(last: 3) {
        nodes { direction preview author { name } }
      }
    }
  }
}
`,
  },
  {
    query: `# What waits for an answer, the oldest first.
# The filter stands in the variables below.

query Waiting($filter: ConversationFilter) {
  conversations(
    first: 5
    filter: $filter
    orderBy: {
      field: LAST_MESSAGE_AT
      direction: ASC
    }
  ) {
    totalCount
    pageInfo { hasNextPage endCursor }
    nodes {
      databaseId
      subject
      unreadCount
      lastMessagePreview
      contact { name }
      assignee { name }
    }
  }
}
`,
    variables: { filter: { status: { eq: 'OPEN' }, isUnread: true } },
  },
  {
    query: `# Customers with their latest conversation,
# the most active first.

query Customers {
  customers(
    first: 10
    orderBy: {
      field: LAST_ACTIVITY_AT
      direction: DESC
    }
  ) {
    nodes {
      databaseId
      name
      email
      tags
      conversationCount
      ltv { amountMinor currency }
      latestConversation {
        databaseId
        status
        lastMessagePreview
      }
    }
  }
}
`,
  },
  {
    query: `# Starts a conversation; run twice, it creates the
# contact once. What is wrong with the input comes
# back in userErrors: try an address without @.

mutation StartConversation {
  startConversation(
    input: {
      email: "ines@example.com"
      name: "Inês Prado"
      subject: "Welcome"
      text: "Hi Inês, how is your first day?"
    }
  ) {
    conversation { databaseId status }
    contact { name conversationCount }
    message { preview status }
    userErrors { code message path }
  }
}
`,
  },
];
