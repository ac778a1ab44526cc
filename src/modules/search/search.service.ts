import type { Caller } from '../../auth/caller.js';
import { holds, requireScope, type Scope } from '../../auth/scopes.js';
import { type Database, raw } from '../../db/database.js';
import type { Selection } from '../../db/lists/keyset.js';
import { readQuery, type SearchQuery, type Term } from '../../db/lists/search.js';
import { columnsFor } from '../../db/reading/relations.js';
import { conversations, customers, messages } from '../../db/reading/tables.js';
import { badInput } from '../../errors.js';
import type { Conversation, Customer, Message } from '../../generated/prisma/client.js';
import { findContacts } from './contact-search.js';
import { findConversations } from './conversation-search.js';
import { findByWords, type Hit } from './word-search.js';

/** The types of objects that can be searched, and the scope that each needs. */
export const searchScopes = {
  CONTACT: 'customers:read',
  CONVERSATION: 'conversations:read',
  MESSAGE: 'conversations:read',
} as const satisfies Record<string, Scope>;

export type SearchType = keyof typeof searchScopes;

export interface SearchArguments {
  query: string;
  types?: readonly SearchType[] | null | undefined;
  first?: number | null | undefined;
}

/** A checked search. Each group is searched only when it is selected. */
export interface Search {
  query: SearchQuery;
  types: ReadonlySet<SearchType>;
  limit: number;
}

export type { Hit, Term };

export const defaultHits = 10;
export const maxHits = 50;

/** Each group reads what is selected of its rows, or all of them. */
export function searchService(db: Database) {
  return {
    /**
     * Checks the arguments.
     * @throws BAD_USER_INPUT for `query`, `types` or `first`; FORBIDDEN for a type that the key may not read.
     */
    prepare({ scopes }: Caller, { query, types, first }: SearchArguments): Search {
      const limit = first ?? defaultHits;
      if (limit < 0 || limit > maxHits) throw badInput(['first'], `first must be from 0 to ${maxHits}.`);
      if (types?.length === 0) throw badInput(['types'], 'Leave types out to search all.');
      return { query: readQuery(query, ['query']), types: permitted(scopes, types), limit };
    },

    contacts: async (
      { workspaceId }: Caller,
      { query, limit }: Search,
      select?: Selection,
    ): Promise<Hit<Customer>[]> =>
      findsNothing(query, limit)
        ? []
        : findContacts(db, workspaceId, query, { limit, columns: columnsFor(customers, select) }),

    async conversations(
      { workspaceId, scopes }: Caller,
      { query, limit }: Search,
      select?: Selection,
    ): Promise<Hit<Conversation>[]> {
      if (findsNothing(query, limit)) return [];
      const readsContacts = holds(scopes, 'customers:read');
      const columns = columnsFor(conversations, select);
      return findConversations(db, workspaceId, query, limit, { columns, readsContacts });
    },

    messages: async ({ workspaceId }: Caller, { query, limit }: Search, select?: Selection): Promise<Hit<Message>[]> =>
      findsNothing(query, limit)
        ? []
        : findByWords(db, workspaceId, { ...messageSource, columns: columnsFor(messages, select) }, query, limit),
  };
}

const findsNothing = (query: SearchQuery, limit: number): boolean => limit === 0 || query.terms.length === 0;

const messageSource = { table: messages, newness: raw('r."sentAt"'), visible: raw('true') };

/** The requested types, all of which the key must be able to read; by default, the types that it can read. */
function permitted(held: ReadonlySet<Scope>, types: readonly SearchType[] | null | undefined): ReadonlySet<SearchType> {
  const all = Object.keys(searchScopes) as SearchType[];
  const wanted = types ?? all.filter((type) => holds(held, searchScopes[type]));
  for (const type of wanted.length > 0 ? wanted : all) requireScope(held, searchScopes[type]);
  return new Set(wanted);
}
