import { z } from 'zod';
import { type Database, raw, type Sql, sql, type Transaction } from '../../../db/database.js';
import { divideRounded } from '../../../lib/values/money.js';
import { parseInput } from '../../../lib/values/validation.js';
import { counted } from '../../customer/customer.ledger.js';
import {
  acquired,
  acquiredIn,
  inOrder,
  type Members,
  membersInput,
  membersOf,
  notInOrder,
  type Zoned,
} from './acquisition.js';
import { firstDayOf, labelOf, monthOf, periodStarts } from './periods.js';

export const maxMonths = 24;
export const defaultMonths = 12;
const ltvCohortsInput = z
  .object({
    months: z.int().min(1, 'Must be from 1 to 24.').max(maxMonths, 'Must be from 1 to 24.').nullish(),
    ...membersInput,
  })
  .refine(inOrder, notInOrder);

export type LtvCohortsInput = z.input<typeof ltvCohortsInput>;

/** One month of a cohort. Its values are null while it has not begun. */
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

export interface LtvCohortsQuestion extends Members {
  months: number;
}

/** @throws InvalidInput */
export function ltvCohortsQuestion(input: LtvCohortsInput): LtvCohortsQuestion {
  const { months, ...members } = parseInput(ltvCohortsInput, input);
  return { months: months ?? defaultMonths, ...membersOf(members) };
}

/**
 * A cohort and a month of it, by their numbers, with how many customers bought in it and for how much. The month -1 stands for
 * the cohort as a whole, with how many customers it has.
 */
type CohortRow = [cohort: number, index: number, customers: number, amount: string];

/**
 * Reads the revenue of the customers of each month for every month since, and how many of them bought in it. Sales before
 * the month of the cohort count in its first month, so that the sums equal the lifetime value.
 */
export async function readLtvCohorts(
  db: Database,
  workspace: Zoned,
  { months, ...members }: LtvCohortsQuestion,
): Promise<LtvCohort[]> {
  const whole = wholeCohorts(members);
  const kept = keptRows(workspace, months, members, whole);
  const rows = whole.areAll ? kept : sql`${kept} UNION ALL ${countedRows(workspace, months, members, whole)}`;
  const [[now = 0] = [], ...found] = (await db.read(
    sql`SELECT "deskgraph_month"(now(), ${workspace.timezone}), NULL, NULL, NULL
      UNION ALL (${rows} ORDER BY 1, 2)`,
    { planned: 'anew' },
  )) as unknown as CohortRow[];
  const read = new Map<number, Cohort>();
  for (const [place, index, count, amount] of found) {
    // The row with the size of a cohort comes before those of its months.
    if (index < 0) read.set(place, { customers: count, age: now - place + 1, cells: new Map() });
    else read.get(place)?.cells.set(index, { active: count, amount: BigInt(amount) });
  }
  return [...read].map(([place, cohort]) => {
    const startsOn = firstDayOf('MONTH', place);
    const label = labelOf('MONTH', startsOn);
    return { startsOn, label, customers: cohort.customers, months: monthsOf(cohort, months) };
  });
}

/**
 * The range of cohorts of which all customers are requested. Only a part may be requested of one more cohort at either
 * end.
 */
interface WholeCohorts {
  from: number;
  to: number;
  areAll: boolean;
}

function wholeCohorts({ start, end }: Members): WholeCohorts {
  // Cohort 0 contains all customers who were acquired before the first separate month.
  const from = start === null ? 0 : Math.max(monthOf(start, -1) + 1, 1);
  const to = end === null ? monthOf('9999-12-31') : monthOf(end, 1) - 1;
  const beginsWhole = start === null || firstDayOf('MONTH', from) === start;
  const endsWhole = end === null || (to >= 0 && to === monthOf(end));
  return { from, to, areAll: beginsWhole && endsWhole };
}

/** The sums that the database keeps. */
function keptRows({ id }: Zoned, months: number, { onlyIdentified }: Members, { from, to }: WholeCohorts): Sql {
  const where = sql`"workspaceId" = ${id} AND "cohort" BETWEEN ${from} AND ${to} AND "place" < ${months}
    ${raw(onlyIdentified ? 'AND "isIdentified"' : '')}`;
  const columns = raw('"cohort", "place", "customers", "amountMinor"');
  return sql`SELECT "cohort", "place", sum("customers")::int, sum("amountMinor")::text
    FROM (SELECT ${columns} FROM "CohortRevenue" WHERE ${where}
      UNION ALL SELECT ${columns} FROM "CohortRevenueChange" WHERE ${where}) AS r
    GROUP BY 1, 2 HAVING "place" >= 0 OR sum("customers") > 0`;
}

/** The sums of customers in the other cohorts, computed from the sales of each customer. */
function countedRows(workspace: Zoned, months: number, members: Members, { from, to }: WholeCohorts): Sql {
  const { id, timezone } = workspace;
  const starts = raw('(SELECT starts FROM zone)');
  return sql`(WITH zone AS MATERIALIZED (SELECT ${periodStarts('MONTH', timezone)} AS starts),
    member AS MATERIALIZED (
      SELECT r."id", width_bucket(${acquired}, ${starts}) AS place
      FROM "Customer" AS r WHERE ${acquiredIn(workspace, members)} AND (
        ${acquired} < "deskgraph_month_start"(${from}, ${timezone})
        OR ${acquired} >= "deskgraph_month_start"(${to + 1}, ${timezone}))
    ), bought AS (
      SELECT m.place, b.* FROM member AS m CROSS JOIN LATERAL (
        SELECT width_bucket(c."occurredAt", ${starts}) AS month, sum(c."baseAmountMinor") AS amount,
          bool_or(c."refundOfId" IS NULL) AS active
        FROM "Conversion" AS c
        WHERE c."workspaceId" = ${id} AND c."customerId" = m."id" AND ${counted('c')} GROUP BY 1) AS b
    )
    SELECT place, -1, count(*)::int, '0' FROM member GROUP BY 1
    UNION ALL
    SELECT place, GREATEST(month - place, 0), count(*) FILTER (WHERE active AND month >= place)::int, sum(amount)::text
    FROM bought WHERE month - place < ${months} GROUP BY 1, 2)`;
}

/** Recomputes the sums that the database keeps, while others may write. Returns how many were wrong. */
export async function mendCohorts(tx: Transaction, workspaceId: string): Promise<number> {
  const [row] = await tx.$queryRaw<{ mended: number }[]>(
    sql`SELECT "deskgraph_mend_cohorts"(${workspaceId}) AS "mended"`,
  );
  return row?.mended ?? 0;
}

interface Cohort {
  customers: number;
  /** The number of months since its first one, both included. */
  age: number;
  cells: Map<number, { active: number; amount: bigint }>;
}

function monthsOf({ customers, age, cells }: Cohort, months: number): LtvCohortMonth[] {
  let sum = 0n;
  return Array.from({ length: months }, (_, index) => {
    if (index >= age) return { index, ...notYet };
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
