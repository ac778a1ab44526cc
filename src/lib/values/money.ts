import { z } from 'zod';
import { exponentOf } from './currency.js';

/** Money as whole numbers of minor units. Nothing here uses floating-point numbers. */

export const currencyCode = z.string().regex(/^[A-Z]{3}$/, 'Must be an ISO 4217 code such as USD.');

const currencies = new Set(Intl.supportedValuesOf('currency'));

/**
 * A currency that exists or existed. The currency of a workspace cannot be changed later, so an unknown one is refused.
 */
export const knownCurrencyCode = currencyCode.refine((code) => currencies.has(code), {
  error: ({ input }) => `${String(input)} is no ISO 4217 code of a currency.`,
});

/** The value of a unit of one currency in another: a positive decimal number, as text so that no digit is lost. */
export const exchangeRate = z
  .string()
  .regex(/^\d{1,12}(\.\d{1,12})?$/, 'Must be a decimal number with at most 12 digits before and after the point.')
  .refine((rate) => /[1-9]/.test(rate), 'Must be greater than 0.');

/** The quotient, rounded to the nearest whole number; halves away from zero. The divisor is positive. */
export function divideRounded(dividend: bigint, divisor: bigint): bigint {
  const magnitude = dividend < 0n ? -dividend : dividend;
  const rounded = (2n * magnitude + divisor) / (2n * divisor);
  return dividend < 0n ? -rounded : rounded;
}

/**
 * An amount in minor units of another currency, at a rate between the major units. Exact except for the final rounding.
 */
export function convert(amountMinor: bigint, from: string, to: string, rate: string): bigint {
  const [whole = '0', fraction = ''] = rate.split('.');
  const shift = fraction.length + exponentOf(from) - exponentOf(to);
  const scaled = amountMinor * BigInt(`${whole}${fraction}`);
  return shift <= 0 ? scaled * 10n ** BigInt(-shift) : divideRounded(scaled, 10n ** BigInt(shift));
}

/**
 * Divides an amount by weights so that the parts add up to it exactly. Each part is its share rounded towards zero. The
 * remaining units go to the largest remainders, the first of equal ones. Weights must not be negative, and at least one
 * must be positive.
 */
export function allocate(amount: bigint, weights: readonly bigint[]): bigint[] {
  const sign = amount < 0n ? -1n : 1n;
  const magnitude = sign * amount;
  const total = weights.reduce((sum, weight) => sum + weight, 0n);
  const shares = weights.map((weight, place) => {
    const exact = magnitude * weight;
    return { place, part: exact / total, remainder: exact % total };
  });
  let left = magnitude - shares.reduce((sum, { part }) => sum + part, 0n);
  const byRemainder = shares.toSorted(
    (one, other) => compare(other.remainder, one.remainder) || one.place - other.place,
  );
  for (const share of byRemainder) {
    if (left === 0n) break;
    share.part += 1n;
    left -= 1n;
  }
  return shares.map(({ part }) => sign * part);
}

const compare = (one: bigint, other: bigint): number => (one < other ? -1 : one > other ? 1 : 0);

/** A 64-bit number for JSON: a string if a number would lose digits. */
export const exactly = (value: bigint): number | string =>
  Number.isSafeInteger(Number(value)) ? Number(value) : String(value);

/** An amount as the graph shows it. */
export const shownMoney = (amountMinor: bigint, currency: string) => ({ amountMinor: exactly(amountMinor), currency });
