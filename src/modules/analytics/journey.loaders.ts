import { z } from 'zod';
import { type Database, empty, join, raw, type Sql, sql } from '../../db/database.js';
import { type Page, type PageArguments, type PageRequest, pageRequest } from '../../db/lists/keyset.js';
import type { Ordering } from '../../db/lists/ordering.js';
import { loaderPerArguments } from '../../db/reading/loaders.js';
import type { Answered } from '../../lib/process/cache-use.js';
import { inOrder, notInOrder, rangeInput } from './cohorts/acquisition.js';
import { dayStart } from './cohorts/periods.js';
import type { AnalyticsParts, Question } from './heavy.reads.js';

/** The kinds of entries. */
export const journeyKinds = ['CLICK', 'CONVERSION', 'CONVERSATION', 'MESSAGE', 'PROFILE_CHANGE'] as const;
export type JourneyKind = (typeof journeyKinds)[number];

/** An entry. Its id is that of the click, conversion, conversation, message or event. */
export interface JourneyEntry {
  id: string;
  kind: JourneyKind;
  occurredAt: Date;
}

/** The days of which there are entries; an open end is left out. */
export const journeyDays = z.object(rangeInput).refine(inOrder, notInOrder);

interface Days extends z.output<typeof journeyDays> {
  timezone: string;
}

export interface JourneyArguments extends PageArguments {
  kinds: readonly JourneyKind[];
  days: Days;
  direction: 'ASC' | 'DESC';
}

interface Source {
  from: Sql;
  at: Sql;
  where: Sql;
}

type Sources = Readonly<Record<JourneyKind, Source>>;

/** The source of each kind for the customer `p."id"`; messages are those of a conversation `c`. */
function sourcesIn(workspaceId: string, days: Days): Record<JourneyKind, Source> {
  const source = (table: string, column: string, where: Sql): Source => {
    const at = raw(`e."${column}"`);
    return {
      from: raw(`"${table}" AS e`),
      at,
      where: sql`e."workspaceId" = ${workspaceId} AND ${where}${within(at, days)}`,
    };
  };
  const ofCustomer = raw('e."customerId" = p."id"');
  return {
    CLICK: source('Click', 'occurredAt', ofCustomer),
    CONVERSION: source('Conversion', 'occurredAt', ofCustomer),
    CONVERSATION: source('Conversation', 'createdAt', ofCustomer),
    // Internal notes are not part of a journey.
    MESSAGE: source('Message', 'sentAt', raw('e."conversationId" = c."id" AND NOT e."internal"')),
    PROFILE_CHANGE: source('DomainEvent', 'occurredAt', raw(`e."entityId" = p."id" AND e."type" LIKE 'customer.%'`)),
  };
}

const within = (at: Sql, { start, end, timezone }: Days): Sql => sql`
  ${start == null ? empty : sql` AND ${at} >= ${dayStart(start, 0, timezone)}`}
  ${end == null ? empty : sql` AND ${at} < ${dayStart(end, 1, timezone)}`}`;

const conversationsOf = (workspaceId: string): Sql =>
  sql`"Conversation" AS c WHERE c."workspaceId" = ${workspaceId} AND c."customerId" = p."id"`;

/** A page of the journey, and the number of all entries. */
export interface Journey {
  page: Answered<Page<JourneyEntry>>;
  count(): Promise<Answered<number>>;
}

/** A page of the journey by customer id, in one statement for all that are not cached. Every page costs the same. */
export const journeyLoaders = ({ db, workspaceId, heavyReads }: AnalyticsParts) => ({
  ofCustomer: loaderPerArguments(
    async ({ kinds, direction, days, ...args }: JourneyArguments, ids): Promise<Journey[]> => {
      const ordering = orderingOf(kinds, direction);
      const request = pageRequest(args, ordering);
      const sources = sourcesIn(workspaceId, days);
      const read = <Answer>(name: string, of: object, compute: (open: string[]) => Promise<Answer[]>) => {
        const questions = ids.map((id): Question => [name, kinds, days, of, id]);
        return heavyReads.read(workspaceId, questions, (indexes) =>
          compute(indexes.map((index) => ids[index] as string)),
        );
      };
      const pages = await read('journey', { direction, ...request }, (open) =>
        readPages(db, statement(workspaceId, sources, kinds, direction, request, open), request, open),
      );
      let counts: Promise<Answered<number>[]> | undefined;
      return pages.map(({ answer, isHit }, index) => ({
        page: { answer: { ...answer, ordering }, isHit },
        async count() {
          counts ??= read('journeyCount', {}, (open) => countEntries(db, workspaceId, sources, kinds, open));
          return (await counts)[index] as Answered<number>;
        },
      }));
    },
  ),
});

const orderingOf = (kinds: readonly JourneyKind[], direction: 'ASC' | 'DESC'): Ordering<JourneyEntry> => ({
  name: `Journey ${kinds.join()}`,
  key: {
    expression: raw('e."at"'),
    type: 'timestamptz',
    columns: [],
    of: ({ occurredAt }) => occurredAt.toISOString(),
  },
  direction,
});

/** The page of each customer, in the order of the ids. One statement. */
async function readPages(
  db: Database,
  statement: Sql,
  request: PageRequest,
  ids: readonly string[],
): Promise<Omit<Page<JourneyEntry>, 'ordering'>[]> {
  const rows = new Map(ids.map((id) => [id, [] as JourneyEntry[]]));
  for (const row of await db.read(statement)) {
    const [customerId, kind, occurredAt, id] = row as [string, JourneyKind, Date, string];
    rows.get(customerId)?.push({ id, kind, occurredAt });
  }
  return ids.map((id) => {
    const found = rows.get(id) ?? [];
    const more = found.length > request.limit;
    if (more) found.pop();
    if (request.backward) found.reverse();
    return {
      rows: found,
      hasNextPage: request.backward ? request.before !== undefined : more,
      hasPreviousPage: request.backward ? more : request.after !== undefined,
    };
  });
}

/** Each kind gives the rows that could be on the page and one more; the page has the first of all kinds together. */
function statement(
  workspaceId: string,
  sources: Sources,
  kinds: readonly JourneyKind[],
  direction: 'ASC' | 'DESC',
  page: PageRequest,
  ids: readonly string[],
): Sql {
  const ascending = direction === 'ASC';
  const towards = raw(ascending === page.backward ? ' DESC' : '');
  const limit = page.limit + 1;
  const part = (kind: JourneyKind): Sql => {
    const { from, at, where } = sources[kind];
    const id = raw('e."id"');
    const beyond = (cursor: { key: string; id: string } | undefined, upwards: boolean) =>
      cursor ? sql`AND (${at}, ${id}) ${raw(upwards ? '>' : '<')} (${cursor.key}::timestamptz, ${cursor.id})` : empty;
    return sql`(SELECT ${kind}::text AS "kind", ${at} AS "at", ${id} AS "id" FROM ${from}
      WHERE ${where} ${beyond(page.after, ascending)} ${beyond(page.before, !ascending)}
      ORDER BY ${at}${towards}, ${id}${towards} LIMIT ${limit})`;
  };
  const parts = kinds.map((kind) =>
    kind === 'MESSAGE'
      ? sql`(SELECT m.* FROM (SELECT c."id" FROM ${conversationsOf(workspaceId)}) AS c
          CROSS JOIN LATERAL ${part(kind)} AS m
          ORDER BY m."at"${towards}, m."id"${towards} LIMIT ${limit})`
      : part(kind),
  );
  return sql`SELECT p."id", e."kind", e."at", e."id" FROM unnest(${ids}::text[]) WITH ORDINALITY AS p("id", "place")
    CROSS JOIN LATERAL (SELECT * FROM (${join(parts, ' UNION ALL ')}) AS a
      ORDER BY a."at"${towards}, a."id"${towards} LIMIT ${limit}) AS e
    ORDER BY p."place", e."at"${towards}, e."id"${towards}`;
}

/** How many entries each customer has, in the order of the ids. One statement. */
async function countEntries(
  db: Database,
  workspaceId: string,
  sources: Sources,
  kinds: readonly JourneyKind[],
  ids: readonly string[],
): Promise<number[]> {
  const parts = kinds.map((kind) => {
    const { from, where } = sources[kind];
    if (kind !== 'MESSAGE') return sql`(SELECT count(*) FROM ${from} WHERE ${where})`;
    return sql`(SELECT count(*) FROM (SELECT c."id" FROM ${conversationsOf(workspaceId)}) AS c JOIN ${from} ON ${where})`;
  });
  const rows = await db.read(sql`SELECT p."id", ${join(parts, ' + ')} FROM unnest(${ids}::text[]) AS p("id")`);
  const counts = new Map(rows.map(([id, count]) => [id, Number(count)]));
  return ids.map((id) => counts.get(id) ?? 0);
}
