import { encodeGlobalId } from '../../../db/global-id.js';
import type { SchemaTypes } from '../../../graphql/schema/builder.js';
import { filterInput } from '../../../graphql/schema/inputs.js';
import { defineMutation, type Payload } from '../../../graphql/schema/mutation.js';
import { conversationList } from '../conversation.fields.js';
import { ConversationStatus } from '../conversation.types.js';
import type { BulkChange } from './conversation.bulk.js';

/** What says which conversations a change of many is about. */
const which = (t: PothosSchemaTypes.InputFieldBuilder<SchemaTypes, 'InputObject'>) => ({
  ids: t.idList({
    description: 'These conversations, at most 250; or else filter. When one is unknown, nothing is written.',
  }),
  filter: t.field({
    type: filterInput(conversationList),
    description: 'Those that a list with this filter has, at most 1,000 in one call; or else ids.',
  }),
});

const changes = (t: PothosSchemaTypes.ObjectFieldBuilder<SchemaTypes, Payload<BulkChange>>) => ({
  changedIds: t.idList({
    nullable: true,
    description: 'The global ids of the conversations that were changed; each has a new version.',
    resolve: ({ changedIds }) => changedIds?.map((id) => encodeGlobalId('Conversation', id)),
  }),
  changedCount: t.int({
    nullable: true,
    description: 'How many conversations were changed.',
    resolve: ({ changedIds }) => changedIds?.length,
  }),
  unchangedCount: t.int({
    nullable: true,
    description: 'How many of the ids were as asked already; 0 with a filter, which takes only those that are not.',
    resolve: ({ unchangedCount }) => unchangedCount,
  }),
  hasMore: t.boolean({
    nullable: true,
    description: 'Whether the filter is met by more that are not as asked: send the same again until this is false.',
    resolve: ({ hasMore }) => hasMore,
  }),
});

defineMutation('setConversationsStatus', {
  description:
    'Opens, closes or archives many conversations at once, each as setConversationStatus does. Safe to repeat. Needs conversations:write.',
  scope: 'conversations:write',
  input: (t) => ({
    ...which(t),
    status: t.field({ type: ConversationStatus, required: true, description: 'Where they shall stand.' }),
  }),
  resolve: ({ services, caller }, input) => services.conversationsInBulk.setStatus(caller, input),
  payload: changes,
});

defineMutation('assignConversations', {
  description:
    'Gives many conversations to an agent at once, or takes them from whoever has them. Safe to repeat. Needs conversations:write.',
  scope: 'conversations:write',
  input: (t) => ({
    ...which(t),
    assigneeId: t.id({ description: 'The agent who shall take care of them; null or left out for nobody.' }),
  }),
  resolve: ({ services, caller }, input) => services.conversationsInBulk.assign(caller, input),
  payload: changes,
});
