import { type Database, empty, join, raw, type Sql, sql } from '../../db/database.js';
import { type Page, type PageArguments, type PageRequest, pageRequest } from '../../db/lists/keyset.js';
import type { Ordering } from '../../db/lists/ordering.js';
import { loaderPerArguments } from '../../db/reading/loaders.js';
import type { Answered } from '../../lib/process/cache-use.js';
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

export interface JourneyArguments extends PageArguments {
  kinds: readonly JourneyKind[];
  direction: 'ASC' | 'DESC';
}

interface Source {
  from: Sql;
  at: Sql;
  id: Sql;
  where: Sql;
}

/** The source of each kind for the customer `p."id"`. An index gives the order of each, except of messages. */
const sourcesIn = (workspaceId: string): Record<Exclude<JourneyKind, 'MESSAGE'>, Source> => ({
  CLICK: {
    from: raw('"Click" AS e'),
    at: raw('e."occurredAt"'),
    id: raw('e."id"'),
    where: sql`e."workspaceId" = ${workspaceId} AND e."customerId" = p."id"`,
  },
  CONVERSION: {
    from: raw('"Conversion" AS e'),
    at: raw('e."occurredAt"'),
    id: raw('e."id"'),
    where: sql`e."workspaceId" = ${workspaceId} AND e."customerId" = p."id"`,
  },
  CONVERSATION: {
    from: raw('"Conversation" AS e'),
    at: raw('e."createdAt"'),
    id: raw('e."id"'),
    where: sql`e."workspaceId" = ${workspaceId} AND e."customerId" = p."id"`,
  },
  PROFILE_CHANGE: {
    from: raw('"DomainEvent" AS e'),
    at: raw('e."occurredAt"'),
    id: raw('e."id"'),
    where: sql`e."workspaceId" = ${workspaceId} AND e."entityId" = p."id" AND e."type" LIKE 'customer.%'`,
  },
});

/** The messages of one conversation `c`, without internal notes, which are not part of a journey. */
const ofConversation = (workspaceId: string): Source => ({
  from: raw('"Message" AS e'),
  at: raw('e."sentAt"'),
  id: raw('e."id"'),
  where: sql`e."workspaceId" = ${workspaceId} AND e."conversationId" = c."id" AND NOT e."internal"`,
});

const conversationsOf = (workspaceId: string): Sql =>
  sql`"Conversation" AS c WHERE c."workspaceId" = ${workspaceId} AND c."customerId" = p."id"`;

/** A page of the journey, and the number of all entries. */
export interface Journey {
  page: Answered<Page<JourneyEntry>>;
  count(): Promise<Answered<number>>;
}

/** A page of the journey by customer id, in one statement for all that are not cached. Every page costs the same. */
export const journeyLoaders = ({ db, workspaceId, heavyReads }: AnalyticsParts) => ({
  ofCustomer: loaderPerArguments(async ({ kinds, direction, ...args }: JourneyArguments, ids): Promise<Journey[]> => {
    const ordering = orderingOf(kinds, direction);
    const request = pageRequest(args, ordering);
    const read = <Answer>(name: string, of: object, compute: (open: string[]) => Promise<Answer[]>) => {
      const questions = ids.map((id): Question => [name, kinds, of, id]);
      return heavyReads.read(workspaceId, questions, (indexes) =>
        compute(indexes.map((index) => ids[index] as string)),
      );
    };
    const pages = await read('journey', { direction, ...request }, (open) =>
      readPages(db, workspaceId, kinds, direction, request, open),
    );
    let counts: Promise<Answered<number>[]> | undefined;
    return pages.map(({ answer, isHit }, index) => ({
      page: { answer: { ...answer, ordering }, isHit },
      async count() {
        counts ??= read('journeyCount', {}, (open) => countEntries(db, workspaceId, kinds, open));
        return (await counts)[index] as Answered<number>;
      },
    }));
  }),
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
  workspaceId: string,
  kinds: readonly JourneyKind[],
  direction: 'ASC' | 'DESC',
  request: PageRequest,
  ids: readonly string[],
): Promise<Omit<Page<JourneyEntry>, 'ordering'>[]> {
  const rows = new Map(ids.map((id) => [id, [] as JourneyEntry[]]));
  for (const row of await db.read(statement(workspaceId, kinds, direction, request, ids))) {
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
  kinds: readonly JourneyKind[],
  direction: 'ASC' | 'DESC',
  page: PageRequest,
  ids: readonly string[],
): Sql {
  const ascending = direction === 'ASC';
  const towards = raw(ascending === page.backward ? ' DESC' : '');
  const limit = page.limit + 1;
  const part = (kind: JourneyKind, { from, at, id, where }: Source): Sql => {
    const beyond = (cursor: { key: string; id: string } | undefined, upwards: boolean) =>
      cursor ? sql`AND (${at}, ${id}) ${raw(upwards ? '>' : '<')} (${cursor.key}::timestamptz, ${cursor.id})` : empty;
    return sql`(SELECT ${kind}::text AS "kind", ${at} AS "at", ${id} AS "id" FROM ${from}
      WHERE ${where} ${beyond(page.after, ascending)} ${beyond(page.before, !ascending)}
      ORDER BY ${at}${towards}, ${id}${towards} LIMIT ${limit})`;
  };
  const sources = sourcesIn(workspaceId);
  const parts = kinds.map((kind) =>
    kind === 'MESSAGE'
      ? sql`(SELECT m.* FROM (SELECT c."id" FROM ${conversationsOf(workspaceId)}) AS c
          CROSS JOIN LATERAL ${part(kind, ofConversation(workspaceId))} AS m
          ORDER BY m."at"${towards}, m."id"${towards} LIMIT ${limit})`
      : part(kind, sources[kind]),
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
  kinds: readonly JourneyKind[],
  ids: readonly string[],
): Promise<number[]> {
  const sources = sourcesIn(workspaceId);
  const parts = kinds.map((kind) => {
    if (kind !== 'MESSAGE') return sql`(SELECT count(*) FROM ${sources[kind].from} WHERE ${sources[kind].where})`;
    const { from, where } = ofConversation(workspaceId);
    return sql`(SELECT count(*) FROM (SELECT c."id" FROM ${conversationsOf(workspaceId)}) AS c JOIN ${from} ON ${where})`;
  });
  const rows = await db.read(sql`SELECT p."id", ${join(parts, ' + ')} FROM unnest(${ids}::text[]) AS p("id")`);
  const counts = new Map(rows.map(([id, count]) => [id, Number(count)]));
  return ids.map((id) => counts.get(id) ?? 0);
}
