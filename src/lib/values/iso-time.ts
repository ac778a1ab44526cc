const dayMs = 86_400_000;
/** More days than occur on a page of any list. */
const maxDays = 4_096;

const twoDigits = Array.from({ length: 100 }, (_, number) => String(number).padStart(2, '0'));
const threeDigits = Array.from({ length: 1_000 }, (_, number) => String(number).padStart(3, '0'));

/** The date part of the text, by the day number since 1970. */
const days = new Map<number, string>();

/**
 * Formats a time like `Date.prototype.toISOString`, in a tenth of the time: a page of an inbox has eighty times.
 * @throws RangeError
 */
export function isoTime(date: Date): string {
  const time = date.getTime();
  const day = Math.floor(time / dayMs);
  const rest = time - day * dayMs;
  const seconds = Math.floor(rest / 1_000);
  const hour = twoDigits[Math.floor(seconds / 3_600)];
  const minute = twoDigits[Math.floor(seconds / 60) % 60];
  return `${days.get(day) ?? beginningOf(day)}${hour}:${minute}:${twoDigits[seconds % 60]}.${threeDigits[rest % 1_000]}Z`;
}

function beginningOf(day: number): string {
  const text = new Date(day * dayMs).toISOString().slice(0, -'00:00:00.000Z'.length);
  if (days.size >= maxDays) days.clear();
  days.set(day, text);
  return text;
}
