import { readId } from '../../../db/global-id.js';
import { notFound } from '../../../errors.js';
import { builder } from '../../../graphql/schema/builder.js';
import { scoped } from '../../../graphql/schema/scopes.js';
import { transformed } from '../../../lib/process/streams.js';
import { ChangeEvent, resumeArgument } from '../../changes/change.types.js';
import type { StreamedEvent } from '../../events/event.follower.js';
import { conversationOf } from '../conversation.subscriptions.js';
import { Message } from './message.types.js';

const MessageAdded = builder.objectRef<StreamedEvent>('MessageAdded').implement({
  description: 'A message that was added to a conversation.',
  interfaces: [ChangeEvent],
  ...scoped('conversations:read'),
  fields: (t) => ({
    message: t.field({
      type: Message,
      nullable: true,
      description: 'The message; null if it was deleted since.',
      resolve: ({ event }, _args, { loaders }) => loaders.byId('Message').load(event.entityId),
    }),
  }),
});

builder.subscriptionField('messageAdded', (t) =>
  t.field({
    type: MessageAdded,
    description: 'The messages and notes that are added to a conversation. Needs conversations:read.',
    authScopes: { scope: 'conversations:read' },
    args: {
      ...resumeArgument(),
      conversationId: t.arg.id({ required: true, description: 'The conversation.' }),
    },
    subscribe: async (_root, { after, conversationId }, { follow, loaders }) => {
      const id = readId('Conversation', conversationId, ['conversationId']);
      if (!(await loaders.byId('Conversation').load(id))) throw notFound('Conversation', ['conversationId']);
      return transformed(await follow(after), (streamed) =>
        streamed.event.type === 'message.created' && conversationOf(streamed) === id ? streamed : undefined,
      );
    },
    resolve: (streamed) => streamed,
  }),
);
