import { z } from 'zod';
import { type Database, join, raw, type Sql, sql } from '../../../db/database.js';
import { parseInput, wholeNumber } from '../../../lib/values/validation.js';
import type { Zoned } from '../cohorts/acquisition.js';

/** How much came in during a period: conversations, customers and visits. Each count reads an index alone. */

const dayMs = 86_400_000;
const minuteMs = 60_000;
export const defaultDays = 30;
export const maxDays = 3_660;
export const defaultCountries = 20;
export const maxCountries = 250;

const periodInput = z.object({ start: z.date().nullish(), end: z.date().nullish() });

export type PeriodInput = z.input<typeof periodInput>;

/** The start belongs to it, the end does not. */
export interface Period {
  start: Date;
  end: Date;
}

/** The counts of one day of the workspace, as YYYY-MM-DD. */
export interface VolumeDay {
  date: string;
  conversations: number;
}

/** The visits from one country, as ISO 3166 has it. */
export interface CountryVisits {
  country: string;
  visits: number;
}

/** The period: without an end until now, without a start of 30 days. @throws InvalidInput */
export function periodOf(input: PeriodInput): Period {
  const { start, end } = parseInput(periodInput.transform(completed).pipe(periodRule), input);
  return { start, end };
}

/**
 * The end of the current minute, which is after everything so far. Within a minute equal questions have the same key in
 * the cache.
 */
const endOfMinute = (): number => Math.ceil((Date.now() + 1) / minuteMs) * minuteMs;

function completed({ start, end }: z.output<typeof periodInput>): Period {
  const until = end ?? new Date(Math.max(endOfMinute(), start?.getTime() ?? 0));
  return { start: start ?? new Date(until.getTime() - defaultDays * dayMs), end: until };
}

const periodRule = z
  .object({ start: z.date(), end: z.date() })
  .refine(({ start, end }) => start <= end, { path: ['end'], message: 'Must not lie before start.' })
  .refine(({ start, end }) => end.getTime() - start.getTime() <= maxDays * dayMs, {
    path: ['start'],
    message: `Must lie at most ${maxDays} days before end.`,
  });

const within = (column: Sql, { id }: Zoned, { start, end }: Period): Sql =>
  sql`r."workspaceId" = ${id} AND ${column} >= ${start}::timestamptz AND ${column} < ${end}::timestamptz`;

const createdAt = raw('r."createdAt"');

/** How many conversations began. */
export const countConversations = (db: Database, workspace: Zoned, period: Period): Promise<number> =>
  countOf(db, sql`"Conversation" AS r WHERE ${within(createdAt, workspace, period)}`);

/** How many customers were created, without deleted and merged ones. */
export const countNewCustomers = (db: Database, workspace: Zoned, period: Period): Promise<number> => {
  const conditions = [
    within(createdAt, workspace, period),
    raw('r."deletedAt" IS NULL'),
    raw('r."mergedIntoId" IS NULL'),
  ];
  return countOf(db, sql`"Customer" AS r WHERE ${join(conditions, ' AND ')}`);
};

async function countOf(db: Database, from: Sql): Promise<number> {
  const [[count] = [0]] = await db.read(sql`SELECT count(*)::int FROM ${from}`, { planned: 'anew' });
  return count as number;
}

/** The days of the period that have begun, in their order, with how many conversations began in it on each. */
export async function readDays(db: Database, workspace: Zoned, period: Period): Promise<VolumeDay[]> {
  const { timezone } = workspace;
  const day = (time: Sql): Sql => sql`(${time} AT TIME ZONE ${timezone})::date`;
  const last = sql`GREATEST(${period.start}::timestamptz, ${period.end}::timestamptz - interval '1 millisecond')`;
  const rows = await db.read(
    sql`SELECT d::date::text, COALESCE(n."count", 0) FROM generate_series(
        ${day(sql`${period.start}::timestamptz`)}::timestamp, ${day(last)}::timestamp, interval '1 day') AS d
      LEFT JOIN (SELECT ${day(createdAt)} AS "day", count(*)::int AS "count" FROM "Conversation" AS r
        WHERE ${within(createdAt, workspace, period)} GROUP BY 1) AS n ON n."day" = d::date
      ORDER BY d`,
    { planned: 'anew' },
  );
  return rows.map(([date, conversations]) => ({ date: date as string, conversations: conversations as number }));
}

/** How many countries are asked for. @throws InvalidInput */
export const countriesAsked = (first: number | null | undefined): number =>
  parseInput(z.object({ first: wholeNumber(1, maxCountries) }), { first: first ?? defaultCountries }).first;

/** The countries that visits came from, those with the most first. */
export async function readCountries(
  db: Database,
  workspace: Zoned,
  period: Period,
  first: number,
): Promise<CountryVisits[]> {
  const rows = await db.read(
    sql`SELECT r."country", count(*)::int FROM "Click" AS r
      WHERE ${within(raw('r."occurredAt"'), workspace, period)} AND r."country" IS NOT NULL
      GROUP BY 1 ORDER BY 2 DESC, 1 LIMIT ${first}::int`,
    { planned: 'anew' },
  );
  return rows.map(([country, visits]) => ({ country: country as string, visits: visits as number }));
}
