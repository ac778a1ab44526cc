import { graphql } from '../../generated/gql.js';

/** The mutations of a customer's life, as the tests of this directory send them. */

export const createCustomer = graphql(`
  mutation LifeCreateCustomer($input: CreateCustomerInput!) {
    createCustomer(input: $input) {
      result
      changedFields
      customer { ...LifeCustomer }
      userErrors { ...LifeUserError }
    }
  }
  fragment LifeCustomer on Customer {
    databaseId
    externalId
    email
    name
    phone
    notes
    status
    tags
    metadata
    version
    conversationCount
    lastMessageAt
    lastMessagePreview
    ltv { amountMinor }
    salesCount
    firstSaleAt
    mergedIds
  }
  fragment LifeUserError on UserError { code message path conflictingId retryable }
`);

export const updateCustomer = graphql(`
  mutation LifeUpdateCustomer($input: UpdateCustomerInput!) {
    updateCustomer(input: $input) {
      result
      changedFields
      customer { ...LifeCustomer }
      userErrors { ...LifeUserError }
    }
  }
`);

export const setCustomerStatus = graphql(`
  mutation LifeSetCustomerStatus($input: SetCustomerStatusInput!) {
    setCustomerStatus(input: $input) { result customer { ...LifeCustomer } userErrors { ...LifeUserError } }
  }
`);

export const addCustomerTags = graphql(`
  mutation LifeAddCustomerTags($input: AddCustomerTagsInput!) {
    addCustomerTags(input: $input) { result customer { ...LifeCustomer } userErrors { ...LifeUserError } }
  }
`);

export const removeCustomerTags = graphql(`
  mutation LifeRemoveCustomerTags($input: RemoveCustomerTagsInput!) {
    removeCustomerTags(input: $input) { result customer { ...LifeCustomer } userErrors { ...LifeUserError } }
  }
`);

export const deleteCustomer = graphql(`
  mutation LifeDeleteCustomer($input: DeleteCustomerInput!) {
    deleteCustomer(input: $input) {
      deletedId
      mode
      receipt { table action count }
      userErrors { ...LifeUserError }
    }
  }
`);

export const mergeCustomers = graphql(`
  mutation LifeMergeCustomers($input: MergeCustomersInput!) {
    mergeCustomers(input: $input) {
      result
      conversationsMoved
      changedFields
      customer { ...LifeCustomer }
      userErrors { ...LifeUserError }
    }
  }
`);

export const unmergeCustomers = graphql(`
  mutation LifeUnmergeCustomers($input: UnmergeCustomersInput!) {
    unmergeCustomers(input: $input) {
      conversationsMoved
      source { ...LifeCustomer }
      target { ...LifeCustomer }
      userErrors { ...LifeUserError }
    }
  }
`);

export const upsertCustomers = graphql(`
  mutation LifeUpsertCustomers($input: UpsertCustomersInput!) {
    upsertCustomers(input: $input) {
      results {
        index
        result
        changedFields
        customer { ...LifeCustomer }
        userErrors { ...LifeUserError }
      }
      userErrors { ...LifeUserError }
    }
  }
`);

export const updateContact = graphql(`
  mutation LifeUpdateContact($input: UpdateContactInput!) {
    updateContact(input: $input) {
      result
      changedFields
      contact { ...LifeContact }
      userErrors { ...LifeUserError }
    }
  }
  fragment LifeContact on Contact { databaseId email name phone avatarUrl tags status }
`);

export const archiveContact = graphql(`
  mutation LifeArchiveContact($input: ArchiveContactInput!) {
    archiveContact(input: $input) { result contact { ...LifeContact } userErrors { ...LifeUserError } }
  }
`);

export const restoreContact = graphql(`
  mutation LifeRestoreContact($input: RestoreContactInput!) {
    restoreContact(input: $input) { result contact { ...LifeContact } userErrors { ...LifeUserError } }
  }
`);
