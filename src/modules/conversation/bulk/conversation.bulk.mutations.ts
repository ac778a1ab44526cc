import { encodeGlobalId } from '../../../db/global-id.js';
import { type ComputedField, defineMutation, type PayloadField } from '../../../graphql/schema/mutation.js';
import { assignConversationsInput, setConversationsStatusInput } from './conversation.bulk.input.js';
import type { BulkChange } from './conversation.bulk.js';

const payload = {
  unchangedCount: {
    type: 'Int',
    description:
      'How many of the ids needed no change; 0 with a filter, because a filter selects only conversations that need one.',
  },
  hasMore: {
    type: 'Boolean',
    description:
      'Whether more conversations match the filter and need the change: repeat the call until this is false.',
  },
} satisfies Record<string, PayloadField>;

const computed = {
  changedIds: {
    type: ['ID'],
    description: 'The global ids of the changed conversations. Each of them has a new version.',
    resolve: ({ changedIds }) => changedIds.map((id) => encodeGlobalId('Conversation', id)),
  },
  changedCount: {
    type: 'Int',
    description: 'How many conversations were changed.',
    resolve: ({ changedIds }) => changedIds.length,
  },
} satisfies Record<string, ComputedField<BulkChange>>;

defineMutation('setConversationsStatus', {
  description:
    'Opens, closes or archives many conversations, each as setConversationStatus does. Safe to repeat. Needs conversations:write.',
  scope: 'conversations:write',
  input: setConversationsStatusInput,
  resolve: ({ services, caller }, input) => services.conversationsInBulk.setStatus(caller, input),
  payload,
  computed,
});

defineMutation('assignConversations', {
  description: 'Assigns many conversations to an agent, or unassigns them. Safe to repeat. Needs conversations:write.',
  scope: 'conversations:write',
  input: assignConversationsInput,
  resolve: ({ services, caller }, input) => services.conversationsInBulk.assign(caller, input),
  payload,
  computed,
});
