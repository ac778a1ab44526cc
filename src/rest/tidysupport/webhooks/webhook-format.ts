import type { EventChange, ToldEvent, WebhookFormat } from '../../../lib/http/webhook-format.js';

/** Webhooks as TidySupport sends them. */

const updates = ['conversation.updated', 'conversation.read', 'conversation.snoozed', 'conversation.unsnoozed'];

const events = {
  CONVERSATION_CREATED: ['conversation.created'],
  CONVERSATION_UPDATED: [...updates, 'conversation.status_changed'],
  CONVERSATION_ASSIGNED: ['conversation.assigned'],
  CONVERSATION_CLOSED: ['conversation.status_changed'],
  CONVERSATION_REOPENED: ['conversation.status_changed'],
  MESSAGE_CREATED: ['message.created'],
  MESSAGE_UPDATED: ['message.updated', 'message.sent', 'message.failed'],
  CONTACT_CREATED: ['customer.created'],
  TESTING_CONNECTION: [],
} as const satisfies Record<string, readonly string[]>;

export type TidyEvent = keyof typeof events;
export const tidyEvents = Object.keys(events) as [TidyEvent, ...TidyEvent[]];

const byStatus: Readonly<Record<string, TidyEvent>> = {
  OPEN: 'CONVERSATION_REOPENED',
  CLOSED: 'CONVERSATION_CLOSED',
  ARCHIVED: 'CONVERSATION_UPDATED',
};

function nameOf({ type, after }: EventChange): TidyEvent | null {
  if (type === 'conversation.status_changed') {
    return byStatus[String((after as { status?: unknown } | null)?.status)] ?? null;
  }
  return tidyEvents.find((name) => (events[name] as readonly string[]).includes(type)) ?? null;
}

/** The object of the event under the name of its type, with TidySupport's field names. */
function payloadOf({ type, data: { entity, entityId, workspaceId } }: ToldEvent): object {
  const [subject = ''] = type.split('.');
  const {
    id: _global,
    databaseId: _plain,
    __typename: _type,
    customerId: contactId,
    ...fields
  } = { ...entity } as Readonly<Record<string, unknown>>;
  const kind = subject === 'customer' ? 'contact' : subject;
  return { [kind]: { id: entityId, workspaceId, ...(contactId !== undefined && { contactId }), ...fields } };
}

const enveloped = (event: TidyEvent | null, timestamp: Date, payload: object): string =>
  JSON.stringify({ event, version: 1, timestamp, payload });

export const tidysupportWebhooks: WebhookFormat = {
  name: 'TIDYSUPPORT',
  events,
  nameOf,
  body: (_id, event) => enveloped(nameOf({ type: event.type, ...event.data }), event.timestamp, payloadOf(event)),
  test: ({ at, workspaceId }) => enveloped('TESTING_CONNECTION', at, { workspaceId }),
  headers: () => ({}),
};
