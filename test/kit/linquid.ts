import { expect } from 'vitest';

/** Linquid's forms of answers. */

export const prefixes = ['/customers', '/api/customers'] as const;

export const succeeded = (data: unknown, status = 200) => ({ status, body: { success: true, data } });

export const refusedWith = (statusCode: number, code: string, message: string) => ({
  status: statusCode,
  body: { success: false, error: code, code, message, statusCode },
});

export const badRequest = (message: string) => refusedWith(400, 'BAD_REQUEST', message);
export const notFound = refusedWith(404, 'NOT_FOUND', 'Customer not found.');

export const usd = (amountMinor: number | string) => ({ amountMinor, currency: 'USD' });

/** A time to the millisecond. */
export const aMoment: string = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
