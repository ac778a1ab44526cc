import { conditionsOf } from '../../db/lists/filter.js';
import { keyOfChange } from '../../db/reading/matches.js';
import { builder } from '../../graphql/schema/builder.js';
import { filterInput } from '../../graphql/schema/inputs.js';
import { scoped } from '../../graphql/schema/scopes.js';
import { transformed } from '../../lib/process/streams.js';
import { ChangeEvent, resumeArgument } from '../changes/change.types.js';
import type { StreamedEvent } from '../events/event.follower.js';
import { dataOf } from '../events/event.service.js';
import { conversationList } from './conversation.fields.js';
import { Conversation } from './conversation.types.js';

interface ConversationChangeShape extends StreamedEvent {
  conversationId: string;
  matches: boolean;
}

const ConversationChange = builder.objectRef<ConversationChangeShape>('ConversationChange').implement({
  description: 'A change of a conversation, or a message in it.',
  interfaces: [ChangeEvent],
  ...scoped('conversations:read'),
  fields: (t) => ({
    conversationId: t.exposeID('conversationId', { description: 'The plain id of the conversation.' }),
    conversation: t.field({
      type: Conversation,
      nullable: true,
      description: 'The present state of the conversation; null if it was deleted.',
      resolve: ({ conversationId }, _args, { loaders }) => loaders.byId('Conversation').load(conversationId),
    }),
    matches: t.exposeBoolean('matches', {
      description: 'Whether the conversation matches the filter now; false if it matched before this change only.',
    }),
  }),
});

/** The id of the conversation that an event is about, or in which the message of the event is. */
export function conversationOf({ event }: StreamedEvent): string | undefined {
  if (event.type.startsWith('conversation.')) return event.entityId;
  const id = event.type.startsWith('message.') ? dataOf(event).after?.conversationId : undefined;
  return typeof id === 'string' ? id : undefined;
}

builder.subscriptionField('conversationChanged', (t) =>
  t.field({
    type: ConversationChange,
    description:
      'Changes of conversations, including new messages: of all conversations that match the filter now or did before the change, including archived ones. Needs conversations:read.',
    authScopes: { scope: 'conversations:read' },
    args: {
      ...resumeArgument(),
      filter: t.arg({
        type: filterInput(conversationList),
        description: 'The conversations to watch; all if omitted.',
      }),
    },
    subscribe: async (_root, { after, filter }, { caller, follow, loadersOf, atEvent }) => {
      // Reports an invalid filter now and not at the first change.
      if (filter) conditionsOf(filter, conversationList.filter, caller.workspaceId);
      return transformed(await follow(after), async (streamed) => {
        const conversationId = conversationOf(streamed);
        if (conversationId === undefined) return undefined;
        if (!filter) return { ...streamed, conversationId, matches: true };
        const before = streamed.event.entityId === conversationId ? (dataOf(streamed.event).before ?? {}) : {};
        const change = keyOfChange({ id: conversationId, before });
        const match = await atEvent(() => loadersOf(streamed.batch).conversations.matches(filter).load(change));
        return match.now || match.before ? { ...streamed, conversationId, matches: match.now } : undefined;
      });
    },
    resolve: (change) => change,
  }),
);
