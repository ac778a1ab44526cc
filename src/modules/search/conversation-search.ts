import { type Database, raw, sql } from '../../db/database.js';
import type { SearchQuery } from '../../db/lists/search.js';
import { conversations } from '../../db/reading/tables.js';
import type { Conversation } from '../../generated/prisma/client.js';
import { contactsFound, isConversationNamed } from '../conversation/lookup/conversation.search.js';
import { findByWords, type Hit } from './word-search.js';

const newness = raw('r."lastMessageAt"');

/** How many conversations of one contact are ranked: the latest ones. */
const ofContact = 5;

/**
 * Conversations by their words, by their id or number and, if the caller may read contacts, by the words of their
 * contact. At most three statements.
 */
export async function findConversations(
  db: Database,
  workspaceId: string,
  query: SearchQuery,
  limit: number,
  { columns, readsContacts }: { columns: readonly string[] | undefined; readsContacts: boolean },
): Promise<Hit<Conversation>[]> {
  const isNamed = isConversationNamed(query);
  const contacts = contactsFound(workspaceId, query);
  const byId = sql`SELECT r."id", ${newness} AS newness FROM "Conversation" AS r WHERE r."workspaceId" = ${workspaceId} AND ${isNamed}`;
  const byContact = sql`SELECT r."id", ${newness} AS newness FROM unnest(${contacts}) AS c("id") CROSS JOIN LATERAL (
    SELECT * FROM "Conversation" AS o WHERE o."workspaceId" = ${workspaceId} AND o."customerId" = c."id"
    ORDER BY o."createdAt" DESC, o."id" DESC LIMIT ${ofContact}) AS r`;
  const otherwise = readsContacts
    ? {
        named: isNamed,
        newest: sql`${isNamed} OR r."customerId" = ANY(${contacts})`,
        all: sql`${byId} UNION ${byContact}`,
        usesWords: true,
      }
    : { named: isNamed, newest: isNamed, all: byId, usesWords: false };
  const source = { table: conversations, columns, newness, visible: raw('true'), otherwise };
  return findByWords(db, workspaceId, source, query, limit);
}
