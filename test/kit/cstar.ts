import { expect } from 'vitest';
import { aTime, type RestAnswer } from './rest.js';

/** cStar's forms of answers. */

interface Body {
  success: boolean;
  data?: unknown;
  pagination?: { total: number; page: number; pageSize: number; hasMore: boolean };
  error?: { type: string; code: string; message: string; param: string | null };
}

/** Expects the status and the whole body, which has beside what is given here what every answer of cStar has. */
export function expectCstar({ status, body, headers }: RestAnswer, expected: { status: number; body: Body }): void {
  const { pagination, error, ...others } = expected.body;
  const requestId = headers.get('x-request-id');
  expect(requestId).toMatch(/./);
  const { total = 0, page = 1, pageSize = 1 } = pagination ?? {};
  const pages = { total, page, pageSize, totalPages: Math.ceil(total / pageSize) };
  expect({ status, body }).toEqual({
    status: expected.status,
    body: {
      ...others,
      ...(pagination && { pagination }),
      ...(error && {
        error: {
          ...error,
          doc_url: `https://www.cstar.help/developers/errors#${error.code}`,
          request_id: requestId,
        },
      }),
      meta: { requestId, timestamp: aTime, ...(pagination && { pagination: pages }) },
    },
  });
}
