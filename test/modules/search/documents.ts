import { graphql } from '../../generated/gql.js';

export const upsertCustomer = graphql(`
  mutation UpsertFound($input: UpsertCustomerInput!) {
    upsertCustomer(input: $input) { result userErrors { message } }
  }
`);

export const startConversation = graphql(`
  mutation StartFound($input: StartConversationInput!) {
    startConversation(input: $input) { conversation { id } userErrors { message } }
  }
`);

export const addMessage = graphql(`
  mutation AddFound($input: AddMessageInput!) {
    addMessage(input: $input) { result userErrors { message } }
  }
`);
