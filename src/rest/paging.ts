import { z } from 'zod';
import { integer } from './input.js';

/** What the dialects share that number their pages and put what they answer into an envelope. */

/** The graph's Int has no greater number, and no list so many entries. */
const maxOffset = 2 ** 31 - 1;

export const pageNumber = integer('page', 1, 999_999_999, 1).describe(
  'The number of the page, from 1; behind the last one there are no entries.',
);

/** How many entries lie before a page. */
export const offsetOf = (page: number, pageSize: number): number => Math.min((page - 1) * pageSize, maxOffset);

/** What is answered when all went well. */
export const success = <Data>(data: Data): { success: true; data: Data } => ({ success: true, data });

export const successSchema = <Data extends z.ZodType>(data: Data) => z.strictObject({ success: z.literal(true), data });
