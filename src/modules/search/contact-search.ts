import { type Database, type Sql, sql } from '../../db/database.js';
import { readRows } from '../../db/rows.js';
import type { SearchQuery, Term } from '../../db/search.js';
import { customers } from '../../db/tables.js';
import type { Customer } from '../../generated/prisma/client.js';
import { forgiven, mistypings, wordsOf } from '../../lib/words.js';
import { lastActivity, visible } from '../customer/customer.listing.js';
import { findByWords, type Hit } from './word-search.js';

const source = { table: customers, newness: lastActivity, visible };

/** How many names with enough letters in common are compared with a misspelt one. */
const comparedNames = 2_000;

/**
 * Contacts: first those whose whole name, e-mail address or externalId is the query, then those with its words, then,
 * when there are fewer than wanted, those with words that differ by a mistyping or two. At most six statements.
 */
export async function findContacts(
  db: Database,
  workspaceId: string,
  query: SearchQuery,
  limit: number,
): Promise<Hit<Customer>[]> {
  const exact = await findExactly(db, workspaceId, query.text, limit);
  if (exact.length === limit) return exact;
  const named = without(exact, await findByWords(db, workspaceId, source, query, limit));
  if (named.length >= limit || !query.terms.some(({ folded }) => forgiven(folded) > 0)) return named.slice(0, limit);
  return without(named, await findMisspelt(db, workspaceId, query, limit)).slice(0, limit);
}

/** The first hits, then those of the others that are not among them. */
function without(first: Hit<Customer>[], others: Hit<Customer>[]): Hit<Customer>[] {
  const ids = new Set(first.map(({ row }) => row.id));
  return [...first, ...others.filter(({ row }) => !ids.has(row.id))];
}

async function findExactly(db: Database, workspaceId: string, text: string, limit: number): Promise<Hit<Customer>[]> {
  const projection = customers.project();
  const where = (condition: Sql) => sql`(SELECT r."id" FROM "Customer" AS r
    WHERE r."workspaceId" = ${workspaceId} AND ${visible} AND ${condition} ORDER BY r."id" DESC LIMIT ${limit})`;
  // The expressions of the indexes on e-mail address and name.
  const values = await db.read(sql`SELECT ${projection.select('r')} FROM "Customer" AS r
    WHERE r."workspaceId" = ${workspaceId} AND r."id" IN (
      ${where(sql`lower(r."email") = lower(${text})`)}
      UNION ${where(sql`r."externalId" = ${text}`)}
      UNION ${where(sql`lower(COALESCE(r."name", '') COLLATE "C") = lower(${text} COLLATE "C")`)})
    ORDER BY ${lastActivity} DESC, r."id" DESC LIMIT ${limit}`);
  return values.map((value) => ({ row: projection.row(value), score: 1 }));
}

/**
 * Trigrams find names that have letters in common with the longest word, in which a mistyping leaves the most of them;
 * in which of the names mistypings explain all words is then counted.
 */
async function findMisspelt(
  db: Database,
  workspaceId: string,
  { text, terms }: SearchQuery,
  limit: number,
): Promise<Hit<Customer>[]> {
  // Thousands share the domain of an address, so it tells little.
  const [telling = text] = wordsOf(text.split('@', 1).join())
    .map(({ folded }) => folded)
    .sort((one, other) => other.length - one.length);
  const candidates = await db.read(
    sql`SELECT r."id", r."name", r."email" FROM "Customer" AS r
      WHERE r."workspaceId" = ${workspaceId} AND ${visible}
        AND "deskgraph_folded"(${telling}) <% "deskgraph_folded"(COALESCE(r."name", '') || ' ' || COALESCE(r."email", ''))
      LIMIT ${comparedNames}`,
    { planned: 'anew' },
  );
  const close = candidates
    .map(([id, name, email]) => ({ id: id as string, mistypings: mistypingsIn(`${name ?? ''} ${email ?? ''}`, terms) }))
    .filter((candidate) => candidate.mistypings !== undefined)
    .sort((one, other) => (one.mistypings ?? 0) - (other.mistypings ?? 0) || (one.id < other.id ? 1 : -1))
    .slice(0, limit);
  if (close.length === 0) return [];
  const rows = await readRows(
    db,
    customers,
    workspaceId,
    close.map(({ id }) => id),
  );
  return close.flatMap(({ mistypings: count = 0 }, place) => {
    const row = rows[place];
    return row ? [{ row, score: 0.3 / (1 + count) }] : [];
  });
}

/** By how many mistypings the terms differ from words of the text; undefined when by more than are forgiven. */
function mistypingsIn(text: string, terms: readonly Term[]): number | undefined {
  const words = wordsOf(text);
  const counts = terms.map((term) => Math.min(...words.map(({ folded }) => distance(term, folded))));
  const sum = counts.reduce((total, count) => total + count, 0);
  return Number.isFinite(sum) ? sum : undefined;
}

function distance({ folded, mayBegin }: Term, word: string): number {
  if (mayBegin ? word.startsWith(folded) : word === folded) return 0;
  const most = forgiven(folded);
  const count = mistypings(folded, word, most);
  return count <= most ? count : Number.POSITIVE_INFINITY;
}
