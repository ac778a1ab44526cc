import { z } from 'zod';
import type { GraphError, Scope, Session } from '../graph.js';
import { HttpError } from '../http-error.js';
import { integer, uuidPattern } from '../input.js';
import { pageNumber, success, successSchema } from '../paging.js';
import type { Reply, ResponseSpec } from '../route.js';
import { httpErrorOf } from './errors.js';

/** What the routes of Linquid share. */

export const common = {
  tag: 'Linquid Customers',
  refuse: httpErrorOf,
  /** The feature before all else that may be wrong; scopes are the graph's affair. @throws HttpError 403 */
  async authorise(session: Session): Promise<void> {
    try {
      await session.requireEntitlement('REVENUE_TRACKING');
    } catch (error) {
      throw httpErrorOf([error as GraphError]);
    }
  },
};

/** Any of these scopes opens a route. */
export const needs = (...scopes: readonly Scope[]) => ({
  access: `Part of revenue tracking. Needs ${scopes.join(' or ')}.`,
  scopes,
});

/** Where the routes lie, and what sets the names of the one place apart from those of the other. */
export interface Mount {
  prefix: string;
  suffix: string;
}

export const answer = (data: object, status = 200): Reply => ({ status, body: success(data) });

export const answerSpec = (description: string, schema: z.ZodType, example: unknown, status = 200): ResponseSpec => ({
  status,
  description,
  schema: successSchema(schema),
  example: { success: true, data: example },
});

interface Pages {
  page: number;
  limit: number;
  total: number;
}

const paginationOf = ({ page, limit, total }: Pages) => ({
  page,
  limit,
  total,
  totalPages: Math.ceil(total / limit),
  hasMore: page * limit < total,
});

const paginationSchema = z
  .strictObject({
    page: z.int(),
    limit: z.int(),
    total: z.int().min(0).describe('How many there are on all pages.'),
    totalPages: z.int().min(0),
    hasMore: z.boolean(),
  })
  .meta({ id: 'LinquidPagination' });

/** A numbered page of a list. */
export const pageAnswer = (data: object[], pages: Pages): Reply => ({
  status: 200,
  body: { ...success(data), pagination: paginationOf(pages) },
});

export const pageSpec = (description: string, item: z.ZodType, example: unknown): ResponseSpec => ({
  status: 200,
  description,
  schema: z.strictObject({ success: z.literal(true), data: z.array(item), pagination: paginationSchema }),
  example: { ...success([example]), pagination: paginationOf({ page: 1, limit: 20, total: 150 }) },
});

export const pageParameters = (what: string) => ({
  page: pageNumber,
  limit: integer('limit', 1, 100, 20).describe(`How many ${what} a page has.`),
});

/** A day of the calendar; `name` is what the refusal calls it. */
export const day = (name: string) => {
  const error = `${name} must be a date such as 2026-03-13.`;
  return z.iso
    .date({ error })
    .refine((value) => !value.startsWith('0000'), { error })
    .optional();
};

export const timeSchema = z.iso.datetime();

export const moneySchema = z
  .strictObject({
    amountMinor: z
      .union([z.int(), z.string().regex(/^-?\d{16,}$/)])
      .describe('In minor units, such as cents: a number up to 2^53 - 1, beyond it a string of digits.'),
    currency: z.string().describe('The ISO 4217 code.'),
  })
  .meta({ id: 'LinquidMoney' });

export const usd = (amountMinor: number) => ({ amountMinor, currency: 'USD' });

const notFound = 'Customer not found.';

export const missing = { 404: { message: notFound } };

/** One customer: by its id, its UUID, or ext_ and its externalId; whatever has another form names nobody. */
export const one = z.object({
  id: z
    .string()
    .regex(new RegExp(`^(ctc_[A-Za-z0-9_-]{1,120}|ext_[^\\0]{1,255}|${uuidPattern})$`), { error: notFound })
    .describe('The id of the customer (ctc_…), its UUID, or ext_ and its externalId.')
    .transform((id): { id?: string; externalId?: string } =>
      id.startsWith('ext_') ? { externalId: id.slice('ext_'.length) } : { id },
    ),
});

/** The value, which the graph has null for who is not there. @throws HttpError 404 */
export function found<Value>(value: Value | null | undefined): Value {
  if (value == null) throw new HttpError(404, notFound);
  return value;
}
