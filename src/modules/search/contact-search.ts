import { type Database, join, raw, type Sql, sql } from '../../db/database.js';
import { idIn } from '../../db/global-id.js';
import type { SearchQuery, Term } from '../../db/lists/search.js';
import { readRows } from '../../db/reading/rows.js';
import { customers } from '../../db/reading/tables.js';
import type { Customer } from '../../generated/prisma/client.js';
import { forgiven, mistypings, wordsOf } from '../../lib/text/words.js';
import { lastActivity, nameKeyOf, visible } from '../customer/customer.fields.js';
import { idsByEmail } from '../customer/lookup/customer.emails.js';
import { nameAndEmail } from '../customer/lookup/customer.search.js';
import { findByWords, type Hit } from './word-search.js';

const source = { table: customers, newness: lastActivity, visible };

/** The maximum number of hits, and the columns to read in addition to the id; all columns when left out. */
interface Wanted {
  limit: number;
  columns?: readonly string[] | undefined;
}

/** How many names with similar trigrams are compared with a misspelled one. */
const comparedNames = 2_000;
/** How many words of the query are used to find such names. */
const comparedWords = 5;

/**
 * Contacts: first those whose whole name, e-mail address, externalId or id is the query, then those with its words, then, up
 * to the limit, those with words that differ by one or two typing errors. At most seven statements.
 */
export async function findContacts(
  db: Database,
  workspaceId: string,
  query: SearchQuery,
  wanted: Wanted,
): Promise<Hit<Customer>[]> {
  const { limit, columns } = wanted;
  const exact = await findExactly(db, workspaceId, query.text, wanted);
  if (exact.length === limit) return exact;
  const found = append(exact, await findByWords(db, workspaceId, { ...source, columns }, query, limit));
  if (found.length >= limit || !query.terms.some(({ folded }) => forgiven(folded) > 0)) return found.slice(0, limit);
  return append(found, await findMisspelled(db, workspaceId, query, wanted)).slice(0, limit);
}

/** The first hits, then the other hits that are not among them. */
function append(first: Hit<Customer>[], others: Hit<Customer>[]): Hit<Customer>[] {
  const ids = new Set(first.map(({ row }) => row.id));
  return [...first, ...others.filter(({ row }) => !ids.has(row.id))];
}

async function findExactly(
  db: Database,
  workspaceId: string,
  text: string,
  { limit, columns }: Wanted,
): Promise<Hit<Customer>[]> {
  const projection = customers.project(columns && [...columns, 'id']);
  const where = (condition: Sql) => sql`(SELECT r."id" FROM "Customer" AS r
    WHERE r."workspaceId" = ${workspaceId} AND ${visible} AND ${condition} ORDER BY r."id" DESC LIMIT ${limit})`;
  // Each part of the union uses its own index: addresses, externalIds, ids and names.
  const values = await db.read(sql`SELECT ${projection.select('r')} FROM "Customer" AS r
    WHERE r."workspaceId" = ${workspaceId} AND r."id" IN (
      ${where(sql`r."id" = (${idsByEmail(workspaceId, sql`= lower(${text})`)})`)}
      UNION ${where(sql`r."externalId" = ${text}`)}
      UNION ${where(sql`r."id" = ${idIn('Customer', text) ?? ''}`)}
      UNION ${where(sql`${nameKeyOf(raw('r."name"'))} = ${nameKeyOf(sql`${text}`)}`)})
    ORDER BY ${lastActivity} DESC, r."id" DESC LIMIT ${limit}`);
  return values.map((value) => ({ row: projection.row(value), score: 1 }));
}

/**
 * Trigrams find candidate names with letters in common with the words of the query. Then the edit distance selects those
 * where typing errors explain all words. A typing error leaves a short word too few trigrams, so when all words together
 * find nothing, the longest word is tried alone.
 */
async function findMisspelled(
  db: Database,
  workspaceId: string,
  { text, terms }: SearchQuery,
  { limit, columns }: Wanted,
): Promise<Hit<Customer>[]> {
  const longestFirst = (words: readonly string[]): string[] =>
    [...new Set(words)].sort((one, other) => other.length - one.length);
  const alike = longestFirst(terms.map(({ folded }) => folded).filter((word) => forgiven(word) > 0));
  // Thousands of addresses can have the same domain, so the domain is not used alone.
  const [alone = ''] = longestFirst(wordsOf(text.split('@', 1).join()).map(({ folded }) => folded));
  for (const words of alike.length > 1 ? [alike.slice(0, comparedWords), [alone]] : [alike]) {
    const close = await closeNames(db, workspaceId, words, terms);
    if (close.length > 0) return readHits(db, workspaceId, close.slice(0, limit), columns);
  }
  return [];
}

/**
 * The minimum similarity of a misspelled name. The operator reads it only from a setting, which is set within the
 * statement before the index is read.
 */
const leastSimilarity = sql`set_config('pg_trgm.word_similarity_threshold', '0.3', true)`;

interface CloseName {
  id: string;
  mistypings: number;
}

/** The names similar to all of `words` that differ from the terms by typing errors, the fewest errors first. */
async function closeNames(
  db: Database,
  workspaceId: string,
  words: readonly string[],
  terms: readonly Term[],
): Promise<CloseName[]> {
  const conditions = words.map((word) => sql`"deskgraph_folded"(${word}) <% ${nameAndEmail}`);
  const candidates = await db.read(
    sql`SELECT c.* FROM (SELECT ${leastSimilarity} AS "value") AS s CROSS JOIN LATERAL (
      SELECT r."id", concat_ws(' ', r."name", r."email", "deskgraph_lines"(r."otherEmails")) FROM "Customer" AS r
      WHERE s."value" IS NOT NULL AND r."workspaceId" = ${workspaceId} AND ${visible} AND ${join(conditions, ' AND ')}
      LIMIT ${comparedNames}) AS c`,
    { planned: 'anew' },
  );
  const distances = terms.map(distanceTo);
  return candidates
    .map(([id, nameAndEmails]) => {
      const found = wordsOf(String(nameAndEmails));
      const counts = distances.map((distance) => Math.min(...found.map(({ folded }) => distance(folded))));
      return { id: id as string, mistypings: counts.reduce((sum, count) => sum + count, 0) };
    })
    .filter((candidate) => Number.isFinite(candidate.mistypings))
    .sort((one, other) => one.mistypings - other.mistypings || (one.id < other.id ? 1 : -1));
}

async function readHits(
  db: Database,
  workspaceId: string,
  names: readonly CloseName[],
  columns: Wanted['columns'],
): Promise<Hit<Customer>[]> {
  const ids = names.map(({ id }) => id);
  const rows = await readRows(db, customers, workspaceId, ids, columns);
  return names.flatMap((name, place) => {
    const row = rows[place];
    return row ? [{ row, score: 0.3 / (1 + name.mistypings) }] : [];
  });
}

/** The number of typing errors between a word and the term; infinity when more than allowed. Cached, since words repeat. */
function distanceTo({ folded, mayBegin }: Term): (word: string) => number {
  const most = forgiven(folded);
  const known = new Map<string, number>();
  const count = (word: string): number => {
    if (mayBegin ? word.startsWith(folded) : word === folded) return 0;
    const distance = mistypings(folded, word, most);
    return distance <= most ? distance : Number.POSITIVE_INFINITY;
  };
  return (word) => {
    const distance = known.get(word) ?? count(word);
    known.set(word, distance);
    return distance;
  };
}
