import { raw, type Sql, sql } from '../../../db/database.js';
import { idIn } from '../../../db/global-id.js';
import type { FilterField } from '../../../db/lists/filter.js';
import { readQuery, type SearchQuery } from '../../../db/lists/search.js';

/** Conversations by what they are about, and by whom they are with. */

/** How many contacts are looked at, those first with whom something happened last. */
export const mostContacts = 100;

/** The ids of the contacts that a query finds. With the index on words: one look for the whole statement. */
export const contactsFound = (
  workspaceId: string,
  { begun }: SearchQuery,
): Sql => sql`ARRAY(SELECT c."id" FROM "Customer" AS c
  WHERE c."workspaceId" = ${workspaceId} AND c."deletedAt" IS NULL AND c."mergedIntoId" IS NULL AND c."search" @@ ${begun}
  ORDER BY COALESCE(c."lastMessageAt", c."createdAt") DESC, c."id" DESC LIMIT ${mostContacts})`;

/** The id of the conversation that a query names in either form; an id that no row has when it names none. */
export const conversationNamed = ({ text }: SearchQuery): string => idIn('Conversation', text) ?? '';

/** The field `query`, which also finds by the contact for those who may read contacts. */
export const wordsOrContactField = (readsContacts: boolean): FilterField<string> => ({
  operand: 'TEXT',
  description: `By words of the subject, the preview of the latest message and the externalId: each word of the query must be the beginning of one of these words, regardless of case and accents; numbers in any spelling. Also by its id, and by words of the name, e-mail address, externalId and phone of the contact (needs customers:read; of the ${mostContacts} matching contacts with the latest activity). Blank for no condition.`,
  condition: (value, path, workspaceId) => {
    const query = readQuery(value, path);
    if (query.text === '') return raw('true');
    const own = sql`r."search" @@ ${query.begun} OR r."id" = ${conversationNamed(query)}`;
    return readsContacts ? sql`(${own} OR r."customerId" = ANY(${contactsFound(workspaceId, query)}))` : sql`(${own})`;
  },
  isUneven: true,
});
