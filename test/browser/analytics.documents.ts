import { graphql } from '../generated/gql.js';

/** What the graph answers to the questions that the page of analytics asks, in words of our own. */

export const Cohorts = graphql(`
  query BrowserCohorts($groupBy: CohortGrouping!, $start: LocalDate, $end: LocalDate) {
    customerCohorts(groupBy: $groupBy, start: $start, end: $end) {
      label
      customers
      converters
      conversionRate
      revenue { amountMinor }
      averageLtv { amountMinor }
      averageRevenuePerConverter { amountMinor }
      repeatRate
    }
  }
`);

export const LtvCohorts = graphql(`
  query BrowserLtvCohorts {
    ltvCohorts(months: 12) {
      label
      customers
      months { cumulativeLtv { amountMinor } revenue { amountMinor } retention }
    }
  }
`);

export const Jane = graphql(`
  query BrowserJane($model: AttributionModel) {
    customer(email: "jane@example.com") {
      databaseId
      externalId
      ltv { amountMinor }
      journey(first: 100) { totalCount nodes { kind occurredAt } }
      attribution(model: $model) {
        campaigns { campaign { name } amount { amountMinor } }
        unattributed { amountMinor }
      }
    }
  }
`);

export const RecordClicks = graphql(`
  mutation BrowserRecordClicks($clicks: [RecordClicksItem!]!) {
    recordClicks(input: { clicks: $clicks, errorPolicy: ALL_OR_NOTHING }) { userErrors { message } }
  }
`);
