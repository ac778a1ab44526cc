import { z } from 'zod';
import { exponentOf } from '../../lib/values/currency.js';
import { HttpError } from '../http-error.js';

/** The values of conversions: decimal amounts, and names of events. */

export interface Conversion {
  clickId: string;
  event: string;
  value?: number | undefined;
  currency?: string | null | undefined;
  exchangeRate?: string | null | undefined;
  orderId?: string | null | undefined;
  payout?: number | undefined;
  pixelId?: string | null | undefined;
  metadata?: Record<string, unknown> | undefined;
}

const mostDigits = 1e12;

/** An amount as a number. Error messages call it `name`. */
export const decimal = (name: string) => {
  const error = `${name} must be a number from 0 to ${mostDigits}.`;
  return z.number({ error }).min(0, { error }).max(mostDigits, { error });
};

/** An amount in a query. */
export const decimalText = (name: string) => {
  const error = `${name} must be a number from 0 to ${mostDigits}.`;
  return z
    .string()
    .regex(/^\d{1,13}(\.\d{1,12})?$/, { error })
    .transform(Number)
    .refine((value) => value <= mostDigits, { error });
};

/** The largest amount of the graph, in minor units. */
const mostMinor = 1e12;

export function inMinorUnits(name: string, value: number, currency: string): number {
  const places = exponentOf(currency);
  const minor = Math.round(value * 10 ** places);
  if (minor > mostMinor) {
    throw new HttpError(400, `${name} must be at most ${mostMinor / 10 ** places} ${currency}.`, {}, { param: name });
  }
  // The intended value of a JSON number is its shortest decimal form.
  if (Number((minor / 10 ** places).toFixed(places)) === value) return minor;
  throw new HttpError(400, `${name} must have at most ${places} decimal places.`, {}, { param: name });
}

const leads = ['lead', 'signup'];

/** The conversion class of the graph for an event name. */
export function classOf(event: string) {
  if (event === 'purchase') return { class: 'SALE' as const };
  if (leads.includes(event)) return { class: 'LEAD' as const };
  return { class: 'CUSTOM' as const, name: event };
}
