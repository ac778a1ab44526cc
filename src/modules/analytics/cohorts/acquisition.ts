import { z } from 'zod';
import { join, raw, type Sql, sql } from '../../../db/database.js';
import type { Workspace } from '../../../generated/prisma/client.js';
import { beginningOf } from './periods.js';

/** When customers were won, and by which days they are asked for. */

export type Zoned = Pick<Workspace, 'id' | 'timezone'>;

/** From the first day to the last, as YYYY-MM-DD; null for an end that is open. */
export interface Range {
  start: string | null;
  end: string | null;
}

const day = z.string().nullish();
export const rangeInput = { start: day, end: day };

export const inOrder = ({ start, end }: { start?: string | null | undefined; end?: string | null | undefined }) =>
  start == null || end == null || start <= end;
export const notInOrder = { path: ['end'], message: 'Must not lie before start.' };

/** When a customer was won; word for word the expression of its index. */
export const acquired = raw('COALESCE(r."acquiredAt", r."createdAt")');

/** The customers of the workspace who were won from the first day to the last, those who were deleted too. */
export function wonIn({ id, timezone }: Zoned, { start, end }: Range): Sql {
  const beginning = (date: string, days: number) =>
    beginningOf(sql`(${date}::date + ${days}::int)::timestamp`, timezone);
  const conditions = [
    sql`r."workspaceId" = ${id}`,
    raw('r."mergedIntoId" IS NULL'),
    ...(start === null ? [] : [sql`${acquired} >= ${beginning(start, 0)}`]),
    ...(end === null ? [] : [sql`${acquired} < ${beginning(end, 1)}`]),
  ];
  return join(conditions, ' AND ');
}
