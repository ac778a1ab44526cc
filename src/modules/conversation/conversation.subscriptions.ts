import { conditionsOf } from '../../db/lists/filter.js';
import { keyOfChange } from '../../db/reading/matches.js';
import { builder } from '../../graphql/schema/builder.js';
import { filterInput } from '../../graphql/schema/inputs.js';
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
  fields: (t) => ({
    conversationId: t.exposeID('conversationId', { description: 'The plain id of the conversation.' }),
    conversation: t.field({
      type: Conversation,
      nullable: true,
      description: 'The conversation as it is now; null when it is gone.',
      resolve: ({ conversationId }, _args, { loaders }) => loaders.byId('Conversation').load(conversationId),
    }),
    matches: t.exposeBoolean('matches', {
      description: 'Whether the conversation meets the filter now; false when this change took it out.',
    }),
  }),
});

/** The conversation that an event is about: its own, or the one that its message is in. */
export function conversationOf({ event }: StreamedEvent): string | undefined {
  if (event.type.startsWith('conversation.')) return event.entityId;
  const id = event.type.startsWith('message.') ? dataOf(event).after?.conversationId : undefined;
  return typeof id === 'string' ? id : undefined;
}

builder.subscriptionField('conversationChanged', (t) =>
  t.field({
    type: ConversationChange,
    description:
      'Changes of conversations, new messages in them among these: of all that meet the filter now or did before the change, archived ones too. Needs conversations:read.',
    authScopes: { scope: 'conversations:read' },
    args: {
      ...resumeArgument(),
      filter: t.arg({ type: filterInput(conversationList), description: 'Which conversations; all when left out.' }),
    },
    subscribe: async (_root, { after, filter }, { caller, follow, loadersOf }) => {
      // Meets what is wrong with the filter now rather than at the first change.
      if (filter) conditionsOf(filter, conversationList.filter, caller.workspaceId);
      return transformed(await follow(after), async (told) => {
        const conversationId = conversationOf(told);
        if (conversationId === undefined) return undefined;
        if (!filter) return { ...told, conversationId, matches: true };
        const before = told.event.entityId === conversationId ? (dataOf(told.event).before ?? {}) : {};
        const change = keyOfChange({ id: conversationId, before });
        const match = await loadersOf(told.batch).conversations.matches(filter).load(change);
        return match.now || match.before ? { ...told, conversationId, matches: match.now } : undefined;
      });
    },
    resolve: (change) => change,
  }),
);
