import { z } from 'zod';
import type { GraphError, Scope, Session } from '../graph.js';
import { HttpError } from '../http-error.js';
import { integer, uuidPattern } from '../input.js';
import { pageNumber, success, successSchema } from '../paging.js';
import type { Reply, ResponseSpec } from '../route.js';
import { httpErrorOf } from './errors.js';

/** Common parts of the Linquid routes. */

export const common = {
  tag: 'Linquid Customers',
  refuse: httpErrorOf,
  /** Checks the feature before anything else. The graph checks the scopes. @throws HttpError 403 */
  async authorise(session: Session): Promise<void> {
    try {
      await session.requireEntitlement('REVENUE_TRACKING');
    } catch (error) {
      throw httpErrorOf([error as GraphError]);
    }
  },
};

/** A route that needs one of these scopes. */
export const needs = (...scopes: readonly Scope[]) => ({
  access: `Part of revenue tracking. Needs ${scopes.join(' or ')}.`,
  scopes,
});

/**
 * The base path of the routes, and the suffix that keeps their names unique, because the same routes exist at two
 * places.
 */
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
    total: z.int().min(0).describe('The number of entries on all pages.'),
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
  limit: integer('limit', 1, 100, 20).describe(`The number of ${what} on a page.`),
});

/** A calendar day. Error messages call it `name`. */
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

/** The path parameter of one customer: its id, its UUID, or "ext_" and its externalId. Any other form is not found. */
export const one = z.object({
  id: z
    .string()
    .regex(new RegExp(`^(ctc_[A-Za-z0-9_-]{1,120}|ext_[^\\0]{1,255}|${uuidPattern})$`), { error: notFound })
    .describe('The id of the customer (ctc_…), its UUID, or ext_ and its externalId.')
    .transform((id): { id?: string; externalId?: string } =>
      id.startsWith('ext_') ? { externalId: id.slice('ext_'.length) } : { id },
    ),
});

/**
 * Returns the value.
 * @throws HttpError 404 if the graph returned null, which means that the customer does not exist.
 */
export function found<Value>(value: Value | null | undefined): Value {
  if (value == null) throw new HttpError(404, notFound);
  return value;
}
