import { graphql } from '../generated/gql.js';

/** The operations of a small inbox, sent by each client in its own way. */

export const InboxRow = graphql(`
  fragment InboxRow on Conversation {
    id
    databaseId
    subject
    status
    unreadCount
    isUnread
    version
    lastMessagePreview
    assignee {
      id
      name
    }
    contact {
      id
      name
    }
  }
`);

export const Inbox = graphql(`
  query ClientInbox($first: Int, $after: String, $last: Int, $before: String) {
    conversations(first: $first, after: $after, last: $last, before: $before) {
      edges {
        cursor
        node {
          ...InboxRow
        }
      }
      pageInfo {
        hasNextPage
        hasPreviousPage
        startCursor
        endCursor
      }
    }
  }
`);

export const UpsertCustomer = graphql(`
  mutation ClientUpsertCustomer($input: UpsertCustomerInput!) {
    upsertCustomer(input: $input) {
      result
      customer {
        id
        contact {
          id
          name
        }
      }
      userErrors {
        code
        message
        path
      }
    }
  }
`);

export const CreateContact = graphql(`
  mutation ClientCreateContact($input: CreateContactInput!) {
    createContact(input: $input) {
      result
      contact {
        id
        name
      }
      userErrors {
        code
        path
      }
    }
  }
`);

export const StartConversation = graphql(`
  mutation ClientStartConversation($input: StartConversationInput!) {
    startConversation(input: $input) {
      conversation {
        ...InboxRow
      }
      userErrors {
        code
        path
      }
    }
  }
`);

export const AddMessage = graphql(`
  mutation ClientAddMessage($input: AddMessageInput!) {
    addMessage(input: $input) {
      message {
        id
        text
      }
      conversation {
        id
        lastMessagePreview
        unreadCount
        version
      }
      userErrors {
        code
        path
      }
    }
  }
`);

export const SetConversationStatus = graphql(`
  mutation ClientSetConversationStatus($input: SetConversationStatusInput!) {
    setConversationStatus(input: $input) {
      conversation {
        id
        status
      }
      userErrors {
        code
        path
      }
    }
  }
`);

export const AssignConversation = graphql(`
  mutation ClientAssignConversation($input: AssignConversationInput!) {
    assignConversation(input: $input) {
      conversation {
        id
        assignee {
          id
          name
        }
      }
      userErrors {
        code
        path
      }
    }
  }
`);

export const MarkConversationRead = graphql(`
  mutation ClientMarkConversationRead($input: MarkConversationReadInput!) {
    markConversationRead(input: $input) {
      conversation {
        id
        isUnread
        unreadCount
      }
      userErrors {
        code
        path
      }
    }
  }
`);
