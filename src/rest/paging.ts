import { z } from 'zod';
import { HttpError } from './http-error.js';
import { integer } from './input.js';

/** What the dialects share that number their pages and put what they answer into an envelope. */

/** Further than this the graph passes over no rows. */
const maxOffset = 10_000;

export const pageNumber = integer('page', 1, maxOffset + 1, 1).describe(
  `The number of the page, from 1; what lies behind the first ${maxOffset} entries is refused.`,
);

/** How many entries lie before a page. @throws HttpError 400 when they are too many. */
export function offsetOf(page: number, pageSize: number): number {
  const offset = (page - 1) * pageSize;
  if (offset <= maxOffset) return offset;
  const last = Math.floor(maxOffset / pageSize) + 1;
  const message = `page must be at most ${last} with ${pageSize} entries each; ask for fewer by a filter.`;
  throw new HttpError(400, message, {}, { param: 'page' });
}

/** What is answered when all went well. */
export const success = <Data>(data: Data): { success: true; data: Data } => ({ success: true, data });

export const successSchema = <Data extends z.ZodType>(data: Data) => z.strictObject({ success: z.literal(true), data });
