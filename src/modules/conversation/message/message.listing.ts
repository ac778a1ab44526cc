import { raw } from '../../../db/database.js';
import { readId } from '../../../db/global-id.js';
import {
  type Combinable,
  type Comparator,
  compares,
  conditionsOf,
  type FieldConditions,
  holds,
  mentions,
  plainText,
} from '../../../db/reading/filter.js';
import type { Listing } from '../../../db/reading/keyset.js';
import { byTime, type ListArguments, listingOf } from '../../../db/reading/listing.js';
import { matchesQuery } from '../../../db/reading/search.js';
import { messages } from '../../../db/reading/tables.js';
import type { Message, MessageDirection, MessageStatus } from '../../../generated/prisma/client.js';

export interface MessageFilter extends Combinable<MessageFilter> {
  query?: string | null | undefined;
  id?: Comparator<string> | null | undefined;
  externalId?: Comparator<string> | null | undefined;
  direction?: Comparator<MessageDirection> | null | undefined;
  status?: Comparator<MessageStatus> | null | undefined;
  isInternal?: boolean | null | undefined;
  agentId?: Comparator<string> | null | undefined;
  sentAt?: Comparator<Date> | null | undefined;
  createdAt?: Comparator<Date> | null | undefined;
}

const conditions: FieldConditions<MessageFilter> = {
  query: matchesQuery,
  id: compares(raw('r."id"'), 'text', (value, path) => readId('Message', value, path)),
  externalId: compares(raw('r."externalId"'), 'text', plainText),
  direction: compares(raw('r."direction"'), '"MessageDirection"'),
  status: compares(raw('r."status"'), '"MessageStatus"'),
  isInternal: holds(raw('r."internal"')),
  agentId: compares(raw('r."agentId"'), 'text', (value, path) => readId('Agent', value, path)),
  sentAt: compares(raw('r."sentAt"'), 'timestamptz'),
  createdAt: compares(raw('r."createdAt"'), 'timestamptz'),
};

export type MessageOrderField = 'SENT_AT';

export type MessageListArguments = ListArguments<MessageFilter, MessageOrderField>;

/** The messages of conversations in the order they were sent, unless said otherwise. */
export const messageListing = (workspaceId: string, args: MessageListArguments): Listing<Message> => ({
  ...listingOf(messages, workspaceId, args, {
    conditions: conditionsOf(args.filter ?? {}, conditions),
    ordering: byTime('Message', 'sentAt', args.orderBy?.direction ?? 'ASC'),
  }),
  planned: mentions(args.filter, 'query') ? 'anew' : 'once',
});
