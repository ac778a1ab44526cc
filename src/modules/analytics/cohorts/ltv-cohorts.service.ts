import { z } from 'zod';
import { type Database, raw, sql } from '../../../db/database.js';
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
import { firstDayOf, labelOf, periodStarts } from './periods.js';

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
 * Reads the revenue of the customers of each month for every month since, and how many of them bought in it. Sales before
 * the month of the cohort count in its first month, so that the sums equal the lifetime value.
 *
 * For up to `fewCustomers` customers it looks up the sales of each one. For more it is faster to scan the whole ledger in
 * the order of customers. The statement decides when it has found the customers, and runs only one of the two.
 */
export async function readLtvCohorts(
  db: Database,
  workspace: Zoned,
  { months, ...members }: LtvCohortsQuestion,
  { fewCustomers = 50_000 } = {},
): Promise<LtvCohort[]> {
  const starts = raw('(SELECT starts FROM zone)');
  const sales = sql`width_bucket(c."occurredAt", ${starts}) AS month, sum(c."baseAmountMinor") AS amount,
    bool_or(c."refundOfId" IS NULL) AS active FROM "Conversion" AS c
    WHERE c."workspaceId" = ${workspace.id} AND ${counted('c')}`;
  const rows = await db.read(
    sql`WITH zone AS MATERIALIZED (SELECT ${periodStarts('MONTH', workspace.timezone)} AS starts),
    member AS MATERIALIZED (
      SELECT r."id", width_bucket(${acquired}, ${starts}) AS place
      FROM "Customer" AS r WHERE ${acquiredIn(workspace, members)}
    ), few AS MATERIALIZED (SELECT count(*) <= ${fewCustomers} AS are FROM member),
    bought AS (
      SELECT m.place, b.* FROM member AS m
      CROSS JOIN LATERAL (SELECT ${sales} AND c."customerId" = m."id" GROUP BY 1) AS b
      WHERE (SELECT are FROM few)
      UNION ALL
      SELECT m.place, b.month, b.amount, b.active FROM member AS m
      JOIN (SELECT c."customerId", ${sales} GROUP BY 1, 2) AS b ON b."customerId" = m."id"
      WHERE NOT (SELECT are FROM few)
    )
    SELECT place, -1, count(*)::int, '0', width_bucket(now(), ${starts}) FROM member GROUP BY 1
    UNION ALL
    SELECT place, GREATEST(month - place, 0), count(*) FILTER (WHERE active AND month >= place)::int, sum(amount)::text, 0
    FROM bought WHERE month - place < ${months} GROUP BY 1, 2
    ORDER BY 1, 2`,
    { planned: 'anew' },
  );
  const read = new Map<number, Cohort>();
  for (const row of rows as unknown as [place: number, index: number, count: number, amount: string, now: number][]) {
    const [place, index, count, amount, now] = row;
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
