import { graphql } from '../../generated/gql.js';

/** What the tests of tracked customers ask. */

export const trackedCustomer = graphql(`
  query TrackedCustomer($id: ID, $externalId: String) {
    trackedCustomer(id: $id, externalId: $externalId) {
      databaseId externalId email name phone metadata salesCount firstSaleAt ltv { amountMinor currency }
    }
  }
`);

export const trackedCustomers = graphql(`
  query TrackedCustomers($first: Int, $offset: Int, $filter: TrackedCustomerFilter, $orderBy: TrackedCustomerOrder) {
    trackedCustomers(first: $first, offset: $offset, filter: $filter, orderBy: $orderBy) {
      totalCount nodes { databaseId externalId ltv { amountMinor } }
    }
    trackedCustomersCount(filter: $filter)
  }
`);

export const upsertTrackedCustomer = graphql(`
  mutation UpsertTrackedCustomer($input: UpsertTrackedCustomerInput!) {
    upsertTrackedCustomer(input: $input) {
      customer { databaseId externalId email name metadata } result changedFields clickClaimed
      userErrors { code message path conflictingId }
    }
  }
`);

export const updateTrackedCustomer = graphql(`
  mutation UpdateTrackedCustomer($input: UpdateTrackedCustomerInput!) {
    updateTrackedCustomer(input: $input) {
      customer { databaseId externalId name } result changedFields
      userErrors { code message path conflictingId }
    }
  }
`);

export const deleteTrackedCustomer = graphql(`
  mutation DeleteTrackedCustomer($input: DeleteTrackedCustomerInput!) {
    deleteTrackedCustomer(input: $input) {
      deletedId receipt { table action count }
      userErrors { code path }
    }
  }
`);
