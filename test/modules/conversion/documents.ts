import { graphql } from '../../generated/gql.js';

/** What the tests of revenue send. */

export const recordConversion = graphql(`
  mutation RecordConversion($input: RecordConversionInput!) {
    recordConversion(input: $input) {
      result
      conversion {
        databaseId class status name orderId amount { amountMinor currency } baseAmount { amountMinor currency }
        exchangeRate isImported version occurredAt
        customer { databaseId externalId email salesCount firstSaleAt ltv { amountMinor currency } }
        click { externalId customer { databaseId } }
        refundOf { databaseId }
      }
      userErrors { code message path conflictingId retryable }
    }
  }
`);

export const recordConversions = graphql(`
  mutation RecordConversions($input: RecordConversionsInput!) {
    recordConversions(input: $input) {
      results {
        index result
        conversion { databaseId orderId baseAmount { amountMinor } customer { databaseId } }
        userErrors { code path }
      }
      userErrors { code path }
    }
  }
`);

export const setConversionStatus = graphql(`
  mutation SetConversionStatus($input: SetConversionStatusInput!) {
    setConversionStatus(input: $input) {
      result
      conversion { status version updatedAt refunds { nodes { status } } customer { salesCount firstSaleAt ltv { amountMinor } } }
      userErrors { code path retryable }
    }
  }
`);

export const refundConversion = graphql(`
  mutation RefundConversion($input: RefundConversionInput!) {
    refundConversion(input: $input) {
      refund {
        databaseId class status orderId amount { amountMinor currency } baseAmount { amountMinor } refundOf { databaseId }
      }
      conversion { version refunds { totalCount } customer { salesCount ltv { amountMinor } } }
      userErrors { code message path }
    }
  }
`);

export const recordClick = graphql(`
  mutation RecordClick($input: RecordClickInput!) {
    recordClick(input: $input) {
      result
      click {
        databaseId externalId source utmSource utmMedium utmCampaign referrer url occurredAt
        link { databaseId isDeleted } campaign { name } customer { databaseId externalId }
      }
      userErrors { code path conflictingId }
    }
  }
`);

export const recordClicks = graphql(`
  mutation RecordClicks($input: RecordClicksInput!) {
    recordClicks(input: $input) {
      results { index result click { externalId } userErrors { code path } }
      userErrors { code path }
    }
  }
`);

export const claimClick = graphql(`
  mutation ClaimClick($input: ClaimClickInput!) {
    claimClick(input: $input) {
      result
      click { customer { databaseId } }
      userErrors { code path conflictingId }
    }
  }
`);

export const createCampaign = graphql(`
  mutation CreateCampaign($input: CreateCampaignInput!) {
    createCampaign(input: $input) { campaign { id databaseId name version } userErrors { code path conflictingId } }
  }
`);

export const updateCampaign = graphql(`
  mutation UpdateCampaign($input: UpdateCampaignInput!) {
    updateCampaign(input: $input) {
      result campaign { name version updatedAt } userErrors { code path conflictingId retryable }
    }
  }
`);

export const createLink = graphql(`
  mutation CreateLink($input: CreateLinkInput!) {
    createLink(input: $input) { link { databaseId url name campaign { name } } userErrors { code path } }
  }
`);

export const updateLink = graphql(`
  mutation UpdateLink($input: UpdateLinkInput!) {
    updateLink(input: $input) { result link { url name campaign { name } version } userErrors { code path } }
  }
`);

export const deleteLink = graphql(`
  mutation DeleteLink($input: DeleteLinkInput!) {
    deleteLink(input: $input) { deletedId userErrors { code path } }
  }
`);

export const ledger = graphql(`
  query Ledger($filter: ConversionFilter, $first: Int, $after: String) {
    conversions(filter: $filter, first: $first, after: $after) {
      totalCount nodes { databaseId orderId } pageInfo { endCursor hasNextPage }
    }
  }
`);

export const clickList = graphql(`
  query ClickList($filter: ClickFilter) {
    clicks(filter: $filter) { totalCount nodes { externalId link { url } } }
    links { nodes { databaseId clicks { totalCount } } }
  }
`);
