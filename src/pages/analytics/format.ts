import type { PageMoneyFragment } from '../../generated/pages/graphql.js';
import { exponentOf } from '../../lib/values/currency.js';

/** Formats figures and times. Amounts of money are never converted to floating-point numbers. */

/** "€1,234.50": exact, however large. */
export function money({ amountMinor, currency }: PageMoneyFragment): string {
  const digits = exponentOf(currency);
  const format = new Intl.NumberFormat('en', {
    style: 'currency',
    currency,
    minimumFractionDigits: digits,
    maximumFractionDigits: digits,
  });
  return format.format(decimal(BigInt(amountMinor), digits));
}

/** "€1.2K", for the labels of an axis. */
export function roughMoney(major: number, currency: string): string {
  const format = new Intl.NumberFormat('en', {
    style: 'currency',
    currency,
    notation: 'compact',
    minimumFractionDigits: 0,
    maximumFractionDigits: 1,
  });
  return format.format(major);
}

/** An amount in major units, approximate, for drawing. */
export const majorUnits = ({ amountMinor, currency }: PageMoneyFragment): number =>
  Number(amountMinor) / 10 ** exponentOf(currency);

/** Minor units as a decimal number: -5 with two digits is "-0.05". */
function decimal(minor: bigint, digits: number): `${number}` {
  const magnitude = String(minor < 0n ? -minor : minor).padStart(digits + 1, '0');
  const whole = magnitude.slice(0, magnitude.length - digits);
  const fraction = magnitude.slice(magnitude.length - digits);
  return `${minor < 0n ? '-' : ''}${whole}${digits > 0 ? `.${fraction}` : ''}` as `${number}`;
}

/** The sum of amounts in one currency. `currency` is that of an empty list. */
export const sumOf = (amounts: readonly PageMoneyFragment[], currency: string): PageMoneyFragment => ({
  amountMinor: String(amounts.reduce((sum, { amountMinor }) => sum + BigInt(amountMinor), 0n)),
  currency,
});

/** An amount divided by `heads`, rounded to the nearest minor unit, halves away from zero. Null if `heads` is 0. */
export function perHead({ amountMinor, currency }: PageMoneyFragment, heads: number): PageMoneyFragment | null {
  if (heads === 0) return null;
  const amount = BigInt(amountMinor);
  const [magnitude, by] = [amount < 0n ? -amount : amount, BigInt(heads)];
  const rounded = (2n * magnitude + by) / (2n * by);
  return { amountMinor: String(amount < 0n ? -rounded : rounded), currency };
}

const whole = new Intl.NumberFormat('en');
const share = new Intl.NumberFormat('en', { style: 'percent', minimumFractionDigits: 1, maximumFractionDigits: 1 });

export const count = (value: number): string => whole.format(value);
/** 0.125 as "12.5%". */
export const percent = (value: number): string => share.format(value);

/** "Tuesday, 3 March 2026" in a time zone. */
export const dayOf = (time: string, timeZone: string): string =>
  new Intl.DateTimeFormat('en-GB', {
    timeZone,
    weekday: 'long',
    day: 'numeric',
    month: 'long',
    year: 'numeric',
  }).format(new Date(time));

/** "3 Mar 2026" in a time zone. */
export const shortDayOf = (time: string, timeZone: string): string =>
  new Intl.DateTimeFormat('en-GB', { timeZone, day: 'numeric', month: 'short', year: 'numeric' }).format(
    new Date(time),
  );

/** "09:30" in a time zone. */
export const hourOf = (time: string, timeZone: string): string =>
  new Intl.DateTimeFormat('en-GB', { timeZone, hour: '2-digit', minute: '2-digit' }).format(new Date(time));

/** "SALE" as "Sale", "customer.tags_added" as "Tags added". */
export function words(name: string): string {
  const text = name
    .slice(name.indexOf('.') + 1)
    .replaceAll('_', ' ')
    .toLowerCase();
  return text.charAt(0).toUpperCase() + text.slice(1);
}
