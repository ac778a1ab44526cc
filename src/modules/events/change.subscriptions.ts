import { nodeReferenceOf } from '../../db/global-id.js';
import { builder } from '../../graphql/builder.js';
import { loadNode, Node } from '../../graphql/node.js';
import { transformed } from '../../lib/streams.js';
import type { Scope } from '../workspace/scopes.js';
import { ChangeEvent, resumeArgument } from './change.types.js';
import type { Told } from './event.follower.js';
import type { EventSubject } from './event.service.js';

const WorkspaceChange = builder.objectRef<Told>('WorkspaceChange').implement({
  description: 'A change of anything in the workspace.',
  interfaces: [ChangeEvent],
  fields: (t) => ({
    entity: t.field({
      type: Node,
      nullable: true,
      description: 'What was changed, as it is now; null when it is gone or cannot be shown, as a key.',
      resolve: ({ event }, _args, context) => {
        const reference = nodeReferenceOf(event.entityId);
        return reference ? loadNode(context, reference) : null;
      },
    }),
  }),
});

/** What a key must hold to be told of the changes of a subject; null: any key. */
const scopeOf: Record<EventSubject, Scope | null> = {
  agent: null,
  api_key: 'audit:read',
  campaign: 'links:read',
  channel: null,
  click: 'links:read',
  conversation: 'conversations:read',
  conversion: 'analytics:read',
  customer: 'customers:read',
  link: 'links:read',
  message: 'conversations:read',
  workspace: 'audit:read',
};

const mayRead = (held: ReadonlySet<Scope>, { event }: Told): boolean => {
  const scope = scopeOf[event.type.split('.', 1)[0] as EventSubject];
  return scope === null || held.has(scope);
};

builder.subscriptionField('changes', (t) =>
  t.field({
    type: WorkspaceChange,
    description:
      'Every change in the workspace that the key may read: of customers with customers:read, of conversations and messages with conversations:read, of campaigns, links and clicks with links:read, of conversions with analytics:read, of agents and channels with any key, of keys and the workspace with audit:read.',
    authScopes: { anyKey: true },
    args: {
      ...resumeArgument(),
      types: t.arg.stringList({ description: 'Only changes of these types, such as "message.created".' }),
    },
    subscribe: async (_root, { after, types }, { caller, follow }) =>
      transformed(await follow(after), (told) =>
        mayRead(caller.scopes, told) && (types == null || types.includes(told.event.type)) ? told : undefined,
      ),
    resolve: (told) => told,
  }),
);
