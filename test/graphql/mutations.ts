import { graphql } from '../generated/gql.js';

/** The mutations as the tests of this directory send them. */

export const upsertCustomer = graphql(`
  mutation DeskUpsertCustomer($input: UpsertCustomerInput!) {
    upsertCustomer(input: $input) {
      result
      changedFields
      customer {
        databaseId
        externalId
        email
        name
        phone
        avatarUrl
        status
        sentiment
        notes
        tags
        metadata
        source
        version
        createdAt
        updatedAt
      }
      userErrors { ...DeskUserError }
    }
  }
  fragment DeskUserError on UserError { code message path conflictingId retryable }
`);

export const createContact = graphql(`
  mutation DeskCreateContact($input: CreateContactInput!) {
    createContact(input: $input) {
      result
      contact { databaseId email name phone source status }
      userErrors { ...DeskUserError }
    }
  }
`);

export const startConversation = graphql(`
  mutation DeskStartConversation($input: StartConversationInput!) {
    startConversation(input: $input) {
      conversation { ...DeskConversation }
      contact { databaseId email name conversationCount lastMessageAt lastMessagePreview }
      message { ...DeskMessage }
      userErrors { ...DeskUserError }
    }
  }
  fragment DeskConversation on Conversation {
    databaseId
    status
    source
    subject
    externalId
    unreadCount
    isUnread
    lastMessageAt
    lastMessagePreview
    firstResponseAt
    closedAt
    version
    updatedAt
    assignee { databaseId }
    channel { databaseId }
    contact { databaseId }
  }
  fragment DeskMessage on Message {
    databaseId
    direction
    status
    text
    html
    preview
    isInternal
    externalId
    sentAt
    author { name agent { databaseId } }
  }
`);

export const addMessage = graphql(`
  mutation DeskAddMessage($input: AddMessageInput!) {
    addMessage(input: $input) {
      result
      message { ...DeskMessage }
      conversation { ...DeskConversation contact { conversationCount lastMessageAt lastMessagePreview } }
      userErrors { ...DeskUserError }
    }
  }
`);

export const setConversationStatus = graphql(`
  mutation DeskSetConversationStatus($input: SetConversationStatusInput!) {
    setConversationStatus(input: $input) {
      result
      conversation { ...DeskConversation }
      userErrors { ...DeskUserError }
    }
  }
`);

export const assignConversation = graphql(`
  mutation DeskAssignConversation($input: AssignConversationInput!) {
    assignConversation(input: $input) {
      result
      conversation { ...DeskConversation }
      userErrors { ...DeskUserError }
    }
  }
`);

export const markConversationRead = graphql(`
  mutation DeskMarkConversationRead($input: MarkConversationReadInput!) {
    markConversationRead(input: $input) {
      result
      conversation { ...DeskConversation }
      userErrors { ...DeskUserError }
    }
  }
`);
