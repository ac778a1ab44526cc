import { raw, type Sql, sql } from '../../../db/database.js';
import { idIn } from '../../../db/global-id.js';
import type { FilterField } from '../../../db/lists/filter.js';
import { readQuery, type SearchQuery } from '../../../db/lists/search.js';
import { plain } from '../../../lib/text/spelling.js';

/** Finds conversations by their texts and by their contacts. */

/** The maximum number of contacts, those with the latest activity first. */
export const mostContacts = 100;

/** The ids of the contacts that a query finds, as a statement that uses the index on words only once. */
export const contactsFound = (
  workspaceId: string,
  { begun }: SearchQuery,
): Sql => sql`ARRAY(SELECT c."id" FROM "Customer" AS c
  WHERE c."workspaceId" = ${workspaceId} AND c."deletedAt" IS NULL AND c."mergedIntoId" IS NULL AND c."search" @@ ${begun}
  ORDER BY COALESCE(c."lastMessageAt", c."createdAt") DESC, c."id" DESC LIMIT ${mostContacts})`;

/** A query that is only a number, also in forms such as "no. 1042" or "[#1042]", in plain digits. */
const numberAlone = /^[\s[(]*(?:n[or]\b\.?)?[ #]*([0-9]{1,9})[\s\]).,;:!?]*$/iu;
const numberInSubject = /\[#([0-9]{1,9})\]/u;

/**
 * Whether `r` is the conversation that a query identifies: by its id in either form, or by its number, "1042" or
 * "#1042".
 */
export function isConversationNamed({ text }: SearchQuery): Sql {
  const written = plain(text);
  const [, digits] = numberAlone.exec(written) ?? numberInSubject.exec(written) ?? [];
  const number = Number(digits ?? 0);
  return sql`(r."id" = ${idIn('Conversation', text) ?? ''} OR r."number" = ${number}::int)`;
}

/** The field `query`. For callers who may read contacts, it also searches the contact. */
export const wordsOrContactField = (readsContacts: boolean): FilterField<string> => ({
  operand: 'TEXT',
  description: `By words of the subject, the preview of the latest message, the externalId and the tags: each word of the query must be the beginning of one of these words, regardless of case and accents; numbers in any spelling. Also by its id, by its number (1042 or #1042), and by words of the name, e-mail address, externalId and phone of the contact (needs customers:read; of the ${mostContacts} matching contacts with the latest activity). Blank for no condition.`,
  condition: (value, path, workspaceId) => {
    const query = readQuery(value, path);
    if (query.text === '') return raw('true');
    const own = sql`r."search" @@ ${query.begun} OR ${isConversationNamed(query)}`;
    return readsContacts ? sql`(${own} OR r."customerId" = ANY(${contactsFound(workspaceId, query)}))` : sql`(${own})`;
  },
  isUneven: true,
});
