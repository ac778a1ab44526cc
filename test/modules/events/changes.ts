import { graphql } from '../../generated/gql.js';

/** Everything that is told of a change. */
export const changes = graphql(`
  subscription Changes($after: BigInt, $types: [String!]) {
    changes(after: $after, types: $types) {
      seq
      type
      entityId
      actor { kind databaseId }
      before
      after
      entity { __typename id }
    }
  }
`);
