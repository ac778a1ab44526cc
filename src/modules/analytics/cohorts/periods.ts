import { raw, type Sql, sql } from '../../../db/database.js';

/**
 * Weeks and months of a workspace, as positions in a list of their start times. The period of a time is found by a search
 * in that list. So the rules of the time zone are applied once for each period, not for each row.
 */

export type PeriodUnit = 'WEEK' | 'MONTH';

/** A Monday and the first day of a month, before 1970 in every time zone. */
const origins: Record<PeriodUnit, string> = { WEEK: '1969-12-22', MONTH: '1969-12-01' };
const steps: Record<PeriodUnit, Sql> = { WEEK: raw(`interval '7 days'`), MONTH: raw(`interval '1 month'`) };

/** The start of a day, from its midnight as a local time; the first of the two when clocks are set back over midnight. */
export function beginningOf(midnight: Sql, timezone: string): Sql {
  const earlier = sql`((${midnight} - interval '1 hour') AT TIME ZONE ${timezone} + interval '1 hour')`;
  return sql`(CASE WHEN ${earlier} AT TIME ZONE ${timezone} = ${midnight} THEN ${earlier}
    ELSE ${midnight} AT TIME ZONE ${timezone} END)`;
}

/** The start of a day, given as YYYY-MM-DD, or of one so many days after it. */
export const dayStart = (day: string, daysAfter: number, timezone: string): Sql =>
  beginningOf(sql`(${day}::date + ${daysAfter}::int)::timestamp`, timezone);

/** The start times of all periods from before 1970 to the one after now, as an array. */
export const periodStarts = (unit: PeriodUnit, timezone: string): Sql => sql`ARRAY(
  SELECT ${beginningOf(raw('p'), timezone)} FROM generate_series(${origins[unit]}::timestamp,
    (now() AT TIME ZONE ${timezone}) + ${steps[unit]}, ${steps[unit]}) AS p)`;

/** The first day of the period at a position, counted from 1, as YYYY-MM-DD. */
export function firstDayOf(unit: PeriodUnit, position: number): string {
  const day = new Date(`${origins[unit]}T00:00:00Z`);
  if (unit === 'WEEK') day.setUTCDate(day.getUTCDate() + 7 * (position - 1));
  else day.setUTCMonth(day.getUTCMonth() + position - 1);
  return day.toISOString().slice(0, 10);
}

/** The position of the month that a day lies in, given as YYYY-MM-DD, or one so many days after it. */
export function monthOf(day: string, daysAfter = 0): number {
  const date = new Date(Date.parse(`${day}T00:00:00Z`) + daysAfter * dayMs);
  const origin = new Date(`${origins.MONTH}T00:00:00Z`);
  return 12 * (date.getUTCFullYear() - origin.getUTCFullYear()) + date.getUTCMonth() - origin.getUTCMonth() + 1;
}

const dayMs = 86_400_000;

/** The label of the period that begins on a day: "2020-W53" by ISO 8601, or "2020-12". */
export function labelOf(unit: PeriodUnit, firstDay: string): string {
  if (unit === 'MONTH') return firstDay.slice(0, 7);
  // A week belongs to the year of its Thursday.
  const thursday = new Date(Date.parse(`${firstDay}T00:00:00Z`) + 3 * dayMs);
  const year = thursday.getUTCFullYear();
  const week = 1 + Math.floor((thursday.getTime() - Date.UTC(year, 0, 1)) / (7 * dayMs));
  return `${year}-W${String(week).padStart(2, '0')}`;
}
