import { raw, type Sql, sql } from '../../../db/database.js';

/**
 * Weeks and months of a workspace, as places in a list of their beginnings. A time is put into its period by a search in
 * that list, which takes the rules of the time zone into account once for each period rather than for each row.
 */

export type PeriodUnit = 'WEEK' | 'MONTH';

/** A Monday, and the first of a month, before 1970 in every time zone. */
const origins: Record<PeriodUnit, string> = { WEEK: '1969-12-22', MONTH: '1969-12-01' };
const steps: Record<PeriodUnit, Sql> = { WEEK: raw(`interval '7 days'`), MONTH: raw(`interval '1 month'`) };

/** The moment at which a day begins, from its midnight as a local time: the first of the two where clocks go back over it. */
export function beginningOf(midnight: Sql, timezone: string): Sql {
  const earlier = sql`((${midnight} - interval '1 hour') AT TIME ZONE ${timezone} + interval '1 hour')`;
  return sql`(CASE WHEN ${earlier} AT TIME ZONE ${timezone} = ${midnight} THEN ${earlier}
    ELSE ${midnight} AT TIME ZONE ${timezone} END)`;
}

/** The beginnings of all periods from before 1970 to the one after now, as an array of times. */
export const periodStarts = (unit: PeriodUnit, timezone: string): Sql => sql`ARRAY(
  SELECT ${beginningOf(raw('p'), timezone)} FROM generate_series(${origins[unit]}::timestamp,
    (now() AT TIME ZONE ${timezone}) + ${steps[unit]}, ${steps[unit]}) AS p)`;

/** The first day of the period at a place, from 1, as YYYY-MM-DD. */
export function firstDayOf(unit: PeriodUnit, place: number): string {
  const day = new Date(`${origins[unit]}T00:00:00Z`);
  if (unit === 'WEEK') day.setUTCDate(day.getUTCDate() + 7 * (place - 1));
  else day.setUTCMonth(day.getUTCMonth() + place - 1);
  return day.toISOString().slice(0, 10);
}

const dayMs = 86_400_000;

/** What a period is called that begins on a day: "2020-W53" by ISO 8601, or "2020-12". */
export function labelOf(unit: PeriodUnit, firstDay: string): string {
  if (unit === 'MONTH') return firstDay.slice(0, 7);
  // A week belongs to the year of its Thursday.
  const thursday = new Date(Date.parse(`${firstDay}T00:00:00Z`) + 3 * dayMs);
  const year = thursday.getUTCFullYear();
  const week = 1 + Math.floor((thursday.getTime() - Date.UTC(year, 0, 1)) / (7 * dayMs));
  return `${year}-W${String(week).padStart(2, '0')}`;
}
