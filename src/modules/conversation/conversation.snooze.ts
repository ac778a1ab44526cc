import type { Conversation } from '../../generated/prisma/client.js';
import type { NewEvent } from '../events/event.service.js';

/** Whether it is out of the way now. Time passing ends a snooze without a write. */
export const isSnoozed = ({ snoozedUntil }: Pick<Conversation, 'snoozedUntil'>): boolean =>
  snoozedUntil !== null && snoozedUntil.getTime() > Date.now();

/** Tells that a snooze begins, moves, or ends before its time. */
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
