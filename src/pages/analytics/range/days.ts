/** Calendar days, as YYYY-MM-DD. */

/** A period with both days included; null where it has no bound. */
export interface DayRange {
  start: string | null;
  end: string | null;
}

const dayMs = 86_400_000;

const timeOf = (day: string): number => Date.parse(`${day}T00:00:00Z`);
const dayOf = (time: number): string => new Date(time).toISOString().slice(0, 10);

export const daysAfter = (day: string, days: number): string => dayOf(timeOf(day) + days * dayMs);

/** The current day in a time zone. */
export const today = (timeZone: string, now = new Date()): string =>
  new Intl.DateTimeFormat('sv-SE', { timeZone, dateStyle: 'short' }).format(now);

/** The ranges to choose from, relative to today. */
export const presets: readonly (readonly [text: string, of: (today: string) => DayRange])[] = [
  ['30 days', (end) => ({ start: daysAfter(end, -29), end })],
  ['90 days', (end) => ({ start: daysAfter(end, -89), end })],
  ['This year', (end) => ({ start: `${end.slice(0, 4)}-01-01`, end })],
  ['All time', () => ({ start: null, end: null })],
];

/** The period of the same length directly before; null if a bound is missing. */
export function periodBefore({ start, end }: DayRange): DayRange | null {
  if (start === null || end === null || start > end) return null;
  const days = (timeOf(end) - timeOf(start)) / dayMs + 1;
  return { start: daysAfter(start, -days), end: daysAfter(start, -1) };
}
