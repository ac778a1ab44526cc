import { z } from 'zod';
import { integer } from './input.js';

/** Common parts of the dialects that number their pages and wrap their responses. */

/** The largest Int of the graph. No list has that many entries. */
const maxOffset = 2 ** 31 - 1;

export const pageNumber = integer('page', 1, 999_999_999, 1).describe(
  'The number of the page, from 1. Pages after the last one are empty.',
);

/** The number of entries before a page. */
export const offsetOf = (page: number, pageSize: number): number => Math.min((page - 1) * pageSize, maxOffset);

/** Wraps the data of a successful response. */
export const success = <Data>(data: Data): { success: true; data: Data } => ({ success: true, data });

export const successSchema = <Data extends z.ZodType>(data: Data) => z.strictObject({ success: z.literal(true), data });
