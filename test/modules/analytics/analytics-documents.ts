import { graphql } from '../../generated/gql.js';

/** What the tests of analytics ask. */

export const cohorts = graphql(`
  query Cohorts($groupBy: CohortGrouping, $start: LocalDate, $end: LocalDate) {
    customerCohorts(groupBy: $groupBy, start: $start, end: $end) {
      key label startsOn customers converters repeaters conversionRate repeatRate
      campaign { name }
      revenue { amountMinor currency } averageLtv { amountMinor } averageRevenuePerConverter { amountMinor }
    }
    customersCount
  }
`);

export const ltvCohorts = graphql(`
  query LtvCohorts($months: Int, $start: LocalDate, $end: LocalDate) {
    ltvCohorts(months: $months, start: $start, end: $end) {
      startsOn label customers
      months {
        index activeCustomers retention
        revenue { amountMinor } cumulativeRevenue { amountMinor } cumulativeLtv { amountMinor }
      }
    }
  }
`);

export const journey = graphql(`
  query Journey($id: ID!, $first: Int, $after: String, $last: Int, $before: String, $kinds: [JourneyKind!], $oldestFirst: Boolean) {
    customer(id: $id) {
      journey(first: $first, after: $after, last: $last, before: $before, kinds: $kinds, oldestFirst: $oldestFirst) {
        totalCount
        pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
        nodes {
          kind occurredAt change changedFields
          click { externalId } conversion { orderId class } conversation { subject } message { text }
        }
      }
    }
  }
`);

export const attribution = graphql(`
  query Attribution($id: ID!, $model: AttributionModel) {
    customer(id: $id) {
      ltv { amountMinor }
      attribution(model: $model) {
        model windowDays
        revenue { amountMinor } unattributed { amountMinor }
        clicks { amount { amountMinor } click { externalId } }
        links { amount { amountMinor } link { name } }
        campaigns { amount { amountMinor } campaign { name } }
        sources { amount { amountMinor } source }
      }
    }
  }
`);

export const recalculate = graphql(`
  mutation RecalculateCustomerLtv($input: RecalculateCustomerLtvInput!) {
    recalculateCustomerLtv(input: $input) {
      before { amountMinor } after { amountMinor } drift { amountMinor currency }
      customer { salesCount firstSaleAt }
      userErrors { code path }
    }
  }
`);
