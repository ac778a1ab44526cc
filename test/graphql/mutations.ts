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
    firstResponseSeconds
    closedAt
    resolutionSeconds
    snoozedUntil
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
    editedAt
    version
    attachments { databaseId url fileName contentType sizeBytes }
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

export const updateConversation = graphql(`
  mutation DeskUpdateConversation($input: UpdateConversationInput!) {
    updateConversation(input: $input) {
      result
      conversation { ...DeskConversation }
      userErrors { ...DeskUserError }
    }
  }
`);

export const snoozeConversation = graphql(`
  mutation DeskSnoozeConversation($input: SnoozeConversationInput!) {
    snoozeConversation(input: $input) {
      result
      conversation { ...DeskConversation }
      userErrors { ...DeskUserError }
    }
  }
`);

export const unsnoozeConversation = graphql(`
  mutation DeskUnsnoozeConversation($input: UnsnoozeConversationInput!) {
    unsnoozeConversation(input: $input) {
      result
      conversation { ...DeskConversation }
      userErrors { ...DeskUserError }
    }
  }
`);

export const setConversationsStatus = graphql(`
  mutation DeskSetConversationsStatus($input: SetConversationsStatusInput!) {
    setConversationsStatus(input: $input) {
      changedIds
      changedCount
      unchangedCount
      hasMore
      userErrors { ...DeskUserError }
    }
  }
`);

export const assignConversations = graphql(`
  mutation DeskAssignConversations($input: AssignConversationsInput!) {
    assignConversations(input: $input) {
      changedIds
      changedCount
      unchangedCount
      hasMore
      userErrors { ...DeskUserError }
    }
  }
`);

export const editNote = graphql(`
  mutation DeskEditNote($input: EditNoteInput!) {
    editNote(input: $input) {
      result
      message { ...DeskMessage }
      userErrors { ...DeskUserError }
    }
  }
`);

export const createAgent = graphql(`
  mutation DeskCreateAgent($input: CreateAgentInput!) {
    createAgent(input: $input) {
      agent { ...DeskAgent }
      userErrors { ...DeskUserError }
    }
  }
  fragment DeskAgent on Agent { databaseId name email avatarUrl isActive version updatedAt }
`);

export const updateAgent = graphql(`
  mutation DeskUpdateAgent($input: UpdateAgentInput!) {
    updateAgent(input: $input) {
      result
      agent { ...DeskAgent }
      userErrors { ...DeskUserError }
    }
  }
`);

export const deactivateAgent = graphql(`
  mutation DeskDeactivateAgent($input: DeactivateAgentInput!) {
    deactivateAgent(input: $input) {
      result
      movedConversations
      agent { ...DeskAgent }
      userErrors { ...DeskUserError }
    }
  }
`);

export const reactivateAgent = graphql(`
  mutation DeskReactivateAgent($input: ReactivateAgentInput!) {
    reactivateAgent(input: $input) {
      result
      agent { ...DeskAgent }
      userErrors { ...DeskUserError }
    }
  }
`);

export const createChannel = graphql(`
  mutation DeskCreateChannel($input: CreateChannelInput!) {
    createChannel(input: $input) {
      channel { ...DeskChannel }
      userErrors { ...DeskUserError }
    }
  }
  fragment DeskChannel on Channel { databaseId kind name address version updatedAt }
`);

export const updateChannel = graphql(`
  mutation DeskUpdateChannel($input: UpdateChannelInput!) {
    updateChannel(input: $input) {
      result
      channel { ...DeskChannel }
      userErrors { ...DeskUserError }
    }
  }
`);
