import { z } from 'zod';
import { ConversationStatus } from '../../../generated/prisma/client.js';
import { id, inputMeta, list } from '../../../lib/values/validation.js';
import type { ConversationFilter } from '../conversation.fields.js';

const maxIds = 250;

/** How many conversations one call with a filter changes at most. */
export const maxMatches = 1_000;

/** The conversations that a bulk change is about; the list checks the filter itself. */
const many = z
  .object({
    ids: list(id, maxIds, `At most ${maxIds} ids.`)
      .refine((ids) => ids.length > 0, 'Must not be empty.')
      .nullish()
      .describe(
        `The conversations, at most ${maxIds}. If one of them does not exist, nothing is written. Exactly one of ids and filter is required.`,
      ),
    filter: z
      .custom<ConversationFilter>()
      .register(inputMeta, { type: 'ConversationFilter' })
      .nullish()
      .describe(
        `Selects the conversations that a list with this filter contains, at most ${maxMatches.toLocaleString('en')} per call.`,
      ),
  })
  .refine((input) => (input.ids == null) !== (input.filter == null), {
    path: ['ids'],
    message: 'Exactly one of ids and filter must say which conversations.',
  });

export const setConversationsStatusInput = many.safeExtend({
  status: z.enum(ConversationStatus).describe('The new status.'),
});

export const assignConversationsInput = many.safeExtend({
  assigneeId: id.nullish().describe('The new assignee; if null or omitted, the conversations become unassigned.'),
});

export type SetConversationsStatusInput = z.input<typeof setConversationsStatusInput>;
export type AssignConversationsInput = z.input<typeof assignConversationsInput>;
