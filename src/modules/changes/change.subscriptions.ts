import { nodeReferenceOf } from '../../db/global-id.js';
import { badInput } from '../../errors.js';
import { builder } from '../../graphql/schema/builder.js';
import { loadNode } from '../../graphql/schema/node.js';
import { transformed } from '../../lib/process/streams.js';
import type { StreamedEvent } from '../events/event.follower.js';
import { mayRead } from '../events/event.scopes.js';
import { eventTypes } from '../events/event.service.js';
import { ChangeEvent, resumeArgument } from './change.types.js';

const WorkspaceChange = builder.objectRef<StreamedEvent>('WorkspaceChange').implement({
  description: 'A change of any object in the workspace.',
  interfaces: [ChangeEvent],
  fields: (t) => ({
    entity: t.field({
      type: builder.nodeInterfaceRef(),
      nullable: true,
      description: 'The changed object as it is now; null when it is deleted or is not a node, such as a key.',
      resolve: ({ event }, _args, context, info) => {
        const reference = nodeReferenceOf(event.entityId);
        return reference ? loadNode(context, info, reference) : null;
      },
    }),
  }),
});

/** @throws BAD_USER_INPUT for an unknown type or an empty list. */
function requireTypes(types: readonly string[]): ReadonlySet<string> {
  if (types.length === 0) throw badInput(['types'], 'Must name at least one type; leave it out for all.');
  const known: ReadonlySet<string> = new Set(eventTypes);
  const unknown = types.findIndex((type) => !known.has(type));
  if (unknown >= 0) throw badInput(['types', unknown], 'Is no type of change; there are such as "message.created".');
  return new Set(types);
}

builder.subscriptionField('changes', (t) =>
  t.field({
    type: WorkspaceChange,
    description:
      'Every change in the workspace that the key may read: of customers with customers:read, of conversations and messages with conversations:read, of campaigns, links and clicks with links:read, of conversions with analytics:read, of agents and channels with any key, of webhook endpoints with webhooks:read, of keys and the workspace with audit:read.',
    authScopes: { anyKey: true },
    args: {
      ...resumeArgument(),
      types: t.arg.stringList({
        description: 'Only changes of these types, such as "message.created"; of all types when left out.',
      }),
    },
    subscribe: async (_root, { after, types }, { caller, follow }) => {
      const wanted = types == null ? null : requireTypes(types);
      return transformed(await follow(after), (streamed) =>
        mayRead(caller.scopes, streamed.event.type) && (wanted === null || wanted.has(streamed.event.type))
          ? streamed
          : undefined,
      );
    },
    resolve: (streamed) => streamed,
  }),
);
