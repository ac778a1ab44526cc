import { z } from 'zod';
import { type Database, join, raw, type Sql, sql } from '../../db/database.js';
import type { Workspace } from '../../generated/prisma/client.js';
import { divideRounded } from '../../lib/money.js';
import { parseInput } from '../../lib/validation.js';
import { counted } from '../conversion/conversion.ledger.js';
import { firstDayOf, labelOf, type PeriodUnit, periodStarts } from './periods.js';

const day = z.string().nullish();
const inOrder = ({ start, end }: { start?: string | null | undefined; end?: string | null | undefined }) =>
  start == null || end == null || start <= end;
const notInOrder = { path: ['end'], message: 'Must not lie before start.' };

const cohortsInput = z
  .object({ groupBy: z.enum(['WEEK', 'MONTH', 'CAMPAIGN', 'SOURCE']).nullish(), start: day, end: day })
  .refine(inOrder, notInOrder);

const maxMonths = 24;
const ltvCohortsInput = z
  .object({
    months: z.int().min(1, 'Must be from 1 to 24.').max(maxMonths, 'Must be from 1 to 24.').nullish(),
    start: day,
    end: day,
  })
  .refine(inOrder, notInOrder);

export type CohortsInput = z.input<typeof cohortsInput>;
export type LtvCohortsInput = z.input<typeof ltvCohortsInput>;
export type CohortGrouping = NonNullable<CohortsInput['groupBy']>;

/** The customers who were won together, and what became of them. Amounts are in minor units of the base currency. */
export interface CustomerCohort {
  /** The first day of the week or month, the plain id of the campaign, or the source. */
  key: string;
  label: string;
  /** The first day; null for campaigns and sources. */
  startsOn: string | null;
  campaignId: string | null;
  customers: number;
  converters: number;
  repeaters: number;
  revenueMinor: bigint;
}

/** One month in the life of a cohort; its values are null while it has not begun. */
export interface LtvCohortMonth {
  index: number;
  revenueMinor: bigint | null;
  cumulativeRevenueMinor: bigint | null;
  cumulativeLtvMinor: bigint | null;
  activeCustomers: number | null;
  retention: number | null;
}

export interface LtvCohort {
  startsOn: string;
  label: string;
  customers: number;
  months: LtvCohortMonth[];
}

export const noCampaign = '(none)';
const maxGroups = 1_000;

/** When a customer was won; word for word the expression of its index. */
const acquired = raw('COALESCE(r."acquiredAt", r."createdAt")');

export type Zoned = Pick<Workspace, 'id' | 'timezone'>;

/** The customers of the workspace who were won from the first day to the last, those who were deleted too. */
function wonIn({ id, timezone }: Zoned, { start, end }: Range): Sql {
  const beginning = (date: string, days: number) =>
    sql`((${date}::date + ${days}::int)::timestamp AT TIME ZONE ${timezone})`;
  const conditions = [
    sql`r."workspaceId" = ${id}`,
    raw('r."mergedIntoId" IS NULL'),
    ...(start === null ? [] : [sql`${acquired} >= ${beginning(start, 0)}`]),
    ...(end === null ? [] : [sql`${acquired} < ${beginning(end, 1)}`]),
  ];
  return join(conditions, ' AND ');
}

const measures = raw(`count(*)::int, count(*) FILTER (WHERE r."salesCount" > 0)::int,
  count(*) FILTER (WHERE r."salesCount" > 1)::int, COALESCE(sum(r."ltvMinor"), 0)::text`);

type Measures = [key: unknown, customers: number, converters: number, repeaters: number, revenue: string];

interface Range {
  start: string | null;
  end: string | null;
}

/** What is asked of cohorts, nothing left open. */
export interface CohortsQuestion extends Range {
  groupBy: CohortGrouping;
}

/** @throws InvalidInput */
export function cohortsQuestion(input: CohortsInput): CohortsQuestion {
  const { groupBy, start, end } = parseInput(cohortsInput, input);
  return { groupBy: groupBy ?? 'WEEK', start: start ?? null, end: end ?? null };
}

/** Reads cohorts. */
export function readCohorts(db: Database, workspace: Zoned, question: CohortsQuestion): Promise<CustomerCohort[]> {
  const { groupBy, ...range } = question;
  if (groupBy === 'WEEK' || groupBy === 'MONTH') return readPeriods(db, workspace, groupBy, range);
  return readGroups(db, workspace, groupBy, range);
}

async function readPeriods(db: Database, workspace: Zoned, unit: PeriodUnit, range: Range): Promise<CustomerCohort[]> {
  const rows = await db.read(
    sql`SELECT width_bucket(${acquired}, (SELECT ${periodStarts(unit, workspace.timezone)})) AS place, ${measures}
    FROM "Customer" AS r WHERE ${wonIn(workspace, range)} GROUP BY 1 ORDER BY 1`,
    { planned: 'anew' },
  );
  return rows.map((row) => {
    const startsOn = firstDayOf(unit, row[0] as number);
    return { key: startsOn, label: labelOf(unit, startsOn), startsOn, campaignId: null, ...measuresOf(row) };
  });
}

/** By what the first click says; the groups with most customers, so that made-up referrers cannot make it endless. */
async function readGroups(
  db: Database,
  workspace: Zoned,
  grouping: 'CAMPAIGN' | 'SOURCE',
  range: Range,
): Promise<CustomerCohort[]> {
  const key =
    grouping === 'CAMPAIGN' ? sql`COALESCE(f."campaignId", ${noCampaign})` : sql`COALESCE(f."source", 'direct')`;
  const rows = await db.read(
    sql`SELECT ${key} AS key, ${measures}, max(g."name") FROM "Customer" AS r
    LEFT JOIN (
      SELECT DISTINCT ON (k."customerId") k."customerId", k."campaignId", k."source" FROM "Click" AS k
      WHERE k."workspaceId" = ${workspace.id} AND k."customerId" IS NOT NULL
      ORDER BY k."customerId", k."occurredAt", k."id"
    ) AS f ON f."customerId" = r."id"
    LEFT JOIN "Campaign" AS g ON g."workspaceId" = r."workspaceId" AND g."id" = f."campaignId"
    WHERE ${wonIn(workspace, range)} GROUP BY 1 ORDER BY 2 DESC, 1 LIMIT ${maxGroups}`,
    { planned: 'anew' },
  );
  return rows.map((row) => {
    const name = row[0] as string;
    const isCampaign = grouping === 'CAMPAIGN' && name !== noCampaign;
    const label = isCampaign ? (row[5] as string) : name;
    return { key: name, label, startsOn: null, campaignId: isCampaign ? name : null, ...measuresOf(row) };
  });
}

const measuresOf = (row: readonly unknown[]) => {
  const [, customers, converters, repeaters, revenue] = row as Measures;
  return { customers, converters, repeaters, revenueMinor: BigInt(revenue) };
};

export interface LtvCohortsQuestion extends Range {
  months: number;
}

/** @throws InvalidInput */
export function ltvCohortsQuestion(input: LtvCohortsInput): LtvCohortsQuestion {
  const { months, start, end } = parseInput(ltvCohortsInput, input);
  return { months: months ?? 12, start: start ?? null, end: end ?? null };
}

/**
 * Reads what the customers of each month had brought by the end of each month since, and how many of them bought in it. What
 * was sold before the cohort's month counts to its first one, so that the sums come to the lifetime value.
 */
export async function readLtvCohorts(
  db: Database,
  workspace: Zoned,
  { months, ...range }: LtvCohortsQuestion,
): Promise<LtvCohort[]> {
  const rows = await db.read(
    sql`WITH zone AS MATERIALIZED (SELECT ${periodStarts('MONTH', workspace.timezone)} AS starts),
    member AS MATERIALIZED (
      SELECT r."id", width_bucket(${acquired}, (SELECT starts FROM zone)) AS place
      FROM "Customer" AS r WHERE ${wonIn(workspace, range)}
    ), bought AS (
      SELECT c."customerId", width_bucket(c."occurredAt", (SELECT starts FROM zone)) AS place,
        sum(c."baseAmountMinor") AS amount, bool_or(c."refundOfId" IS NULL) AS active
      FROM "Conversion" AS c WHERE c."workspaceId" = ${workspace.id} AND ${counted('c')}
      GROUP BY 1, 2
    )
    SELECT place, -1, count(*)::int, '0', width_bucket(now(), (SELECT starts FROM zone)) FROM member GROUP BY 1
    UNION ALL
    SELECT m.place, GREATEST(b.place - m.place, 0), count(*) FILTER (WHERE b.active AND b.place >= m.place)::int,
      sum(b.amount)::text, 0
    FROM member AS m JOIN bought AS b ON b."customerId" = m."id"
    WHERE b.place - m.place < ${months} GROUP BY 1, 2
    ORDER BY 1, 2`,
    { planned: 'anew' },
  );
  const read = new Map<number, Cohort>();
  for (const row of rows as unknown as [place: number, index: number, count: number, amount: string, now: number][]) {
    const [place, index, count, amount, now] = row;
    // The size of a cohort comes before its months.
    if (index < 0) read.set(place, { customers: count, lived: now - place + 1, cells: new Map() });
    else read.get(place)?.cells.set(index, { active: count, amount: BigInt(amount) });
  }
  return [...read].map(([place, cohort]) => {
    const startsOn = firstDayOf('MONTH', place);
    const label = labelOf('MONTH', startsOn);
    return { startsOn, label, customers: cohort.customers, months: monthsOf(cohort, months) };
  });
}

interface Cohort {
  customers: number;
  /** How many months it has seen, this one too. */
  lived: number;
  cells: Map<number, { active: number; amount: bigint }>;
}

function monthsOf({ customers, lived, cells }: Cohort, months: number): LtvCohortMonth[] {
  let sum = 0n;
  return Array.from({ length: months }, (_, index) => {
    if (index >= lived) return { index, ...notYet };
    const { active, amount } = cells.get(index) ?? { active: 0, amount: 0n };
    sum += amount;
    return {
      index,
      revenueMinor: amount,
      cumulativeRevenueMinor: sum,
      cumulativeLtvMinor: divideRounded(sum, BigInt(customers)),
      activeCustomers: active,
      retention: active / customers,
    };
  });
}

const notYet = {
  revenueMinor: null,
  cumulativeRevenueMinor: null,
  cumulativeLtvMinor: null,
  activeCustomers: null,
  retention: null,
};
