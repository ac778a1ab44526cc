import { holds, requireScope, type Scope } from '../../auth/scopes.js';
import type { Context } from '../../context.js';
import { Connection } from '../../db/lists/listing.js';
import { costs } from '../../graphql/limits/cost.js';
import { builder } from '../../graphql/schema/builder.js';
import { connectionType } from '../../graphql/schema/connection.js';
import { nullWhenHidden, scoped } from '../../graphql/schema/scopes.js';
import { parseInput } from '../../lib/values/validation.js';
import { Click } from '../click/click.types.js';
import { Conversation } from '../conversation/conversation.types.js';
import { Message } from '../conversation/message/message.types.js';
import { Conversion } from '../conversion/conversion.types.js';
import { Customer } from '../customer/customer.types.js';
import { dataOf } from '../events/event.service.js';
import { Attribution, attributionOf, modelArgument } from './attribution.types.js';
import {
  type JourneyEntry as EntryShape,
  type JourneyArguments,
  journeyDays,
  journeyKinds,
  type JourneyKind as KindValue,
} from './journey.loaders.js';

const JourneyKind = builder.enumType('JourneyKind', {
  description: 'The kinds of entries of a journey.',
  values: {
    CLICK: { description: 'A click.' },
    CONVERSION: { description: 'A lead, a sale, a refund or a custom conversion.' },
    CONVERSATION: { description: 'The start of a conversation.' },
    MESSAGE: { description: 'A message of a conversation, in either direction. Internal notes are not included.' },
    PROFILE_CHANGE: { description: 'The customer was created, changed, or merged with another.' },
  } satisfies Record<KindValue, object>,
});

const JourneyEntry = builder.objectRef<EntryShape>('JourneyEntry').implement({
  description: 'An entry of the journey of a customer. Exactly the fields of its kind are not null.',
  ...scoped('analytics:read'),
  fields: (t) => ({
    kind: t.expose('kind', { type: JourneyKind, description: 'The kind of the entry.' }),
    occurredAt: t.expose('occurredAt', { type: 'DateTime', description: 'When it happened.' }),
    click: t.field({
      type: Click,
      nullable: true,
      description: 'The click; null for other kinds.',
      ...nullWhenHidden(),
      resolve: ({ kind, id }, _args, { loaders }) => (kind === 'CLICK' ? loaders.byId('Click').load(id) : null),
    }),
    conversion: t.field({
      type: Conversion,
      nullable: true,
      description: 'The conversion; null for other kinds.',
      resolve: ({ kind, id }, _args, { loaders }) =>
        kind === 'CONVERSION' ? loaders.byId('Conversion').load(id) : null,
    }),
    conversation: t.field({
      type: Conversation,
      nullable: true,
      description: 'The conversation that started; null for other kinds.',
      ...nullWhenHidden(),
      resolve: ({ kind, id }, _args, { loaders }) =>
        kind === 'CONVERSATION' ? loaders.byId('Conversation').load(id) : null,
    }),
    message: t.field({
      type: Message,
      nullable: true,
      description: 'The message; null for other kinds.',
      ...nullWhenHidden(),
      resolve: ({ kind, id }, _args, { loaders }) => (kind === 'MESSAGE' ? loaders.byId('Message').load(id) : null),
    }),
    change: t.string({
      nullable: true,
      description: 'The type of the change, such as "customer.updated"; null for other kinds.',
      ...nullWhenHidden('customers:read'),
      resolve: async ({ kind, id }, _args, { loaders }) =>
        kind === 'PROFILE_CHANGE' ? ((await loaders.byId('DomainEvent').load(id))?.type ?? null) : null,
    }),
    changedFields: t.stringList({
      nullable: true,
      description: 'The names of the changed fields; null for other kinds.',
      ...nullWhenHidden('customers:read'),
      resolve: async ({ kind, id }, _args, { loaders }) => {
        const event = kind === 'PROFILE_CHANGE' ? await loaders.byId('DomainEvent').load(id) : null;
        return event && Object.keys(dataOf(event).after ?? {}).sort();
      },
    }),
  }),
});

/** The scope that a key needs for each kind. */
const scopeOf: Record<KindValue, Scope> = {
  CLICK: 'links:read',
  CONVERSION: 'analytics:read',
  CONVERSATION: 'conversations:read',
  MESSAGE: 'conversations:read',
  PROFILE_CHANGE: 'customers:read',
};

export const JourneyConnection = connectionType('JourneyEntry', JourneyEntry);

export const journeyArguments = builder.args((t) => ({
  ...t.connectionArgs(),
  kinds: t.field({
    type: [JourneyKind],
    description:
      'Only entries of these kinds; the key must have their scopes. If omitted: all kinds that the key may read.',
  }),
  start: t.field({ type: 'LocalDate', description: 'Only entries of this day of the workspace or later.' }),
  end: t.field({ type: 'LocalDate', description: 'Only entries of this day of the workspace or earlier.' }),
  oldestFirst: t.boolean({ description: 'Whether the oldest entry is first; the latest is when left out.' }),
}));

type JourneyRequest = Omit<JourneyArguments, 'kinds' | 'direction' | 'days'> & {
  start?: string | null | undefined;
  end?: string | null | undefined;
  kinds?: readonly KindValue[] | null | undefined;
  oldestFirst?: boolean | null | undefined;
};

/** The journey of a customer, of the kinds that the key may read. @throws FORBIDDEN for a requested kind that it may not. */
export async function journeyOf(
  { loaders, caller, cacheUse }: Context,
  id: string,
  { kinds, oldestFirst, start, end, ...page }: JourneyRequest,
) {
  const asked = kinds ?? [];
  for (const kind of asked) requireScope(caller.scopes, scopeOf[kind]);
  const isWanted = (kind: KindValue) => asked.length === 0 || asked.includes(kind);
  const readable = journeyKinds.filter((kind) => isWanted(kind) && holds(caller.scopes, scopeOf[kind]));
  const direction = oldestFirst ? 'ASC' : 'DESC';
  const { timezone } = await loaders.workspaces.own();
  const days = { ...parseInput(journeyDays, { start, end }), timezone };
  const journey = await loaders.journeys.ofCustomer({ ...page, kinds: readable, direction, days }).load(id);
  return new Connection(cacheUse.note(journey.page), async () => cacheUse.note(await journey.count()));
}

builder.prismaObjectFields(Customer, (t) => ({
  journey: t.field({
    type: JourneyConnection,
    description:
      'The clicks, conversions, conversations, messages and changes of the customer in one list, the latest first, of the kinds that the key may read. Part of revenue tracking. Needs analytics:read.',
    select: { id: true },
    authScopes: { analytics: 'analytics:read' },
    args: journeyArguments,
    resolve: ({ id }, args, context) => journeyOf(context, id, args),
  }),
  attribution: t.field({
    type: Attribution,
    description:
      'The credits of clicks for the purchases of the customer. Refunds reduce the amount of their sale. Part of revenue tracking. Needs analytics:read.',
    select: { id: true },
    ...costs(10),
    authScopes: { analytics: 'analytics:read' },
    args: modelArgument,
    resolve: ({ id }, { model }, context) => attributionOf(context, id, model),
  }),
}));
