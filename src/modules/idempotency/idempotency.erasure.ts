import { opaque, type Sql, sql, type Transaction } from '../../db/database.js';
import { readSteps } from './idempotency.run.js';

/** Erases stored responses about a person. Their keys stay used, so that no request is executed again. */

const erased = sql`"answer" = NULL, "steps" = '{}', "erasedAt" = now()`;

/**
 * Erases the stored data of runs whose transactions returned these customers or conversations. Returns how many there
 * were.
 */
export const eraseAnswersAbout = (tx: Transaction, workspaceId: string, ids: readonly string[]): Promise<number> =>
  tx.$executeRaw(sql`UPDATE "IdempotencyRecord" SET ${erased}
    WHERE "workspaceId" = ${workspaceId} AND "erasedAt" IS NULL AND "subjects" && ${opaque(ids)}::text[]`);

/** Some records of a workspace in the order of their ids. */
export interface Window {
  workspaceId: string;
  after: string;
  limit: number;
}

/** Recognises a person in texts. */
export interface Person {
  names(text: string): boolean;
  /** Whether the text has an id of the person. */
  identifies(text: string): boolean;
}

interface Row {
  id: string;
  answer: string | null;
  steps: Uint8Array[];
}

/**
 * Erases the records in a window that name a person. `mayName` is a condition on a text in SQL that is true for every
 * text about the person. Running requests will store no answer, because they may have read the person's names. `last`
 * is the last id of the window; null when it is the last window.
 */
export async function eraseNamingAnswers(
  tx: Transaction,
  { workspaceId, after, limit }: Window,
  mayName: (text: Sql) => Sql,
  { names, identifies }: Person,
): Promise<{ erased: number; scanned: number; last: string | null }> {
  const window = sql`SELECT "id" FROM "IdempotencyRecord"
    WHERE "workspaceId" = ${workspaceId} AND "id" > ${after} ORDER BY "id" LIMIT ${limit}`;
  const [bounds] = await tx.$queryRaw<{ count: number; last: string | null }[]>(sql`
    SELECT count(*)::int AS "count", max("id") AS "last" FROM (${window}) AS few`);
  const { count = 0, last = null } = bounds ?? {};
  if (last === null) return { erased: 0, scanned: 0, last: null };
  const within = sql`r."workspaceId" = ${workspaceId} AND r."id" > ${after} AND r."id" <= ${last}`;
  await tx.$executeRaw(sql`UPDATE "IdempotencyRecord" AS r SET "keepsAnswer" = false
    WHERE ${within} AND r."answer" IS NULL AND r."erasedAt" IS NULL`);
  const rows = await tx.$queryRaw<Row[]>(sql`SELECT r."id", r."answer", r."steps" FROM "IdempotencyRecord" AS r
    WHERE ${within} AND (cardinality(r."steps") > 0 OR ${mayName(sql`r."answer"`)})`);
  const isNamed = namesIn(names);
  // An id alone is no reason to erase a result: a deletion under a key returns the id of the person.
  const isAbout = namesIn((text) => names(text) || identifies(text));
  const ids = rows
    .filter(({ answer, steps }) => (answer !== null && isAbout(JSON.parse(answer))) || readSteps(steps).some(isNamed))
    .map(({ id }) => id);
  const done = await tx.$executeRaw(sql`UPDATE "IdempotencyRecord" SET ${erased}
    WHERE "workspaceId" = ${workspaceId} AND "id" = ANY(${opaque(ids)}::text[])`);
  return { erased: done, scanned: count, last: count < limit ? null : last };
}

/** Whether any text in a value names the person. */
function namesIn(names: (text: string) => boolean): (value: unknown) => boolean {
  const isNamed = (value: unknown): boolean => {
    if (typeof value === 'string' || typeof value === 'number') return names(String(value));
    if (typeof value !== 'object' || value === null) return false;
    return Object.entries(value).some(([name, inner]) => names(name) || isNamed(inner));
  };
  return isNamed;
}
