import { graphql } from '../generated/gql.js';

/** Every change, with what it tells and the object that it is about. */
export const changes = graphql(`
  subscription ScopesChanges($after: BigInt) {
    changes(after: $after) {
      seq type entityId before after
      actor { kind databaseId }
      entity {
        __typename
        ... on Customer { databaseId name notes lastMessagePreview }
        ... on Conversation { databaseId subject preview: lastMessagePreview }
        ... on Message { databaseId text html }
        ... on Click { databaseId url }
        ... on Link { databaseId target: url }
        ... on Campaign { databaseId title: name }
        ... on Conversion { databaseId orderId }
        ... on WebhookEndpoint { databaseId endpointUrl: url description }
      }
    }
  }`);
