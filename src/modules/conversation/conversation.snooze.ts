import type { Conversation } from '../../generated/prisma/client.js';
import type { NewEvent } from '../events/event.service.js';

/** Whether the conversation is snoozed now. A snooze ends at its time without a write. */
export const isSnoozed = ({ snoozedUntil }: Pick<Conversation, 'snoozedUntil'>): boolean =>
  snoozedUntil !== null && snoozedUntil.getTime() > Date.now();

/** The event of a snooze that begins, changes its time, or ends before its time. */
export const snoozeChanged = (
  { id, snoozedUntil }: Pick<Conversation, 'id' | 'snoozedUntil'>,
  until: Date | null,
): NewEvent => ({
  type: until ? 'conversation.snoozed' : 'conversation.unsnoozed',
  entityId: id,
  data: {
    before: { snoozedUntil: snoozedUntil?.toISOString() ?? null },
    after: { snoozedUntil: until?.toISOString() ?? null },
  },
});
