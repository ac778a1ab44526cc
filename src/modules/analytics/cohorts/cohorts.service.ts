import { z } from 'zod';
import { type Database, raw, sql } from '../../../db/database.js';
import { parseInput } from '../../../lib/values/validation.js';
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
import { firstDayOf, labelOf, type PeriodUnit, periodStarts } from './periods.js';

const cohortsInput = z
  .object({ groupBy: z.enum(['WEEK', 'MONTH', 'CAMPAIGN', 'SOURCE']).nullish(), ...membersInput })
  .refine(inOrder, notInOrder);

export type CohortsInput = z.input<typeof cohortsInput>;
export type CohortGrouping = NonNullable<CohortsInput['groupBy']>;

/** Customers who were acquired together, and their purchases. Amounts are in minor units of the base currency. */
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

export const noCampaign = '(none)';
export const maxGroups = 1_000;

const measures = raw(`count(*)::int, count(*) FILTER (WHERE r."salesCount" > 0)::int,
  count(*) FILTER (WHERE r."salesCount" > 1)::int, COALESCE(sum(r."ltvMinor"), 0)::text`);

type Measures = [key: unknown, customers: number, converters: number, repeaters: number, revenue: string];

/** A query for cohorts with all defaults applied. */
export interface CohortsQuestion extends Members {
  groupBy: CohortGrouping;
}

/** @throws InvalidInput */
export function cohortsQuestion(input: CohortsInput): CohortsQuestion {
  const { groupBy, ...members } = parseInput(cohortsInput, input);
  return { groupBy: groupBy ?? 'WEEK', ...membersOf(members) };
}

/** Reads cohorts. */
export function readCohorts(db: Database, workspace: Zoned, question: CohortsQuestion): Promise<CustomerCohort[]> {
  const { groupBy, ...members } = question;
  if (groupBy === 'WEEK' || groupBy === 'MONTH') return readPeriods(db, workspace, groupBy, members);
  return readGroups(db, workspace, groupBy, members);
}

async function readPeriods(
  db: Database,
  workspace: Zoned,
  unit: PeriodUnit,
  members: Members,
): Promise<CustomerCohort[]> {
  const rows = await db.read(
    sql`SELECT width_bucket(${acquired}, (SELECT ${periodStarts(unit, workspace.timezone)})) AS place, ${measures}
    FROM "Customer" AS r WHERE ${acquiredIn(workspace, members)} GROUP BY 1 ORDER BY 1`,
    { planned: 'anew' },
  );
  return rows.map((row) => {
    const startsOn = firstDayOf(unit, row[0] as number);
    return { key: startsOn, label: labelOf(unit, startsOn), startsOn, campaignId: null, ...measuresOf(row) };
  });
}

/** Groups by data of the first click. Only the largest groups, so that fake referrers cannot make the result endless. */
async function readGroups(
  db: Database,
  workspace: Zoned,
  grouping: 'CAMPAIGN' | 'SOURCE',
  members: Members,
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
    WHERE ${acquiredIn(workspace, members)} GROUP BY 1 ORDER BY 2 DESC, 1 LIMIT ${maxGroups}`,
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
