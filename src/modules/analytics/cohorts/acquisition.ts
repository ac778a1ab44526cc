import { z } from 'zod';
import { join, raw, type Sql, sql } from '../../../db/database.js';
import type { Workspace } from '../../../generated/prisma/client.js';
import { dayStart } from './periods.js';

/** The acquisition of customers: its time, and the condition for a range of days. */

export type Zoned = Pick<Workspace, 'id' | 'timezone'>;

/** Whose acquisition counts. */
export interface Members {
  /** The first and the last day as YYYY-MM-DD; null for an open end. */
  start: string | null;
  end: string | null;
  /** Only customers with an externalId, and deleted ones who had one. */
  onlyIdentified: boolean;
}

const day = z.string().nullish();
export const rangeInput = { start: day, end: day };
export const membersInput = { ...rangeInput, onlyIdentified: z.boolean().nullish() };

/** With all defaults applied. */
export const membersOf = ({ start, end, onlyIdentified }: Optional<Members>): Members => ({
  start: start ?? null,
  end: end ?? null,
  onlyIdentified: onlyIdentified ?? false,
});

type Optional<T> = { [Name in keyof T]?: T[Name] | null | undefined };

export const inOrder = ({ start, end }: { start?: string | null | undefined; end?: string | null | undefined }) =>
  start == null || end == null || start <= end;
export const notInOrder = { path: ['end'], message: 'Must not lie before start.' };

/** When a customer was acquired; exactly the expression of the index. */
export const acquired = raw('COALESCE(r."acquiredAt", r."createdAt")');

/** The condition for customers who were acquired in the range, including deleted ones. */
export function acquiredIn({ id, timezone }: Zoned, { start, end, onlyIdentified }: Members): Sql {
  const conditions = [
    sql`r."workspaceId" = ${id}`,
    raw('r."mergedIntoId" IS NULL'),
    ...(start === null ? [] : [sql`${acquired} >= ${dayStart(start, 0, timezone)}`]),
    ...(end === null ? [] : [sql`${acquired} < ${dayStart(end, 1, timezone)}`]),
    ...(onlyIdentified ? [raw('(r."externalId" IS NOT NULL OR r."wasIdentified")')] : []),
  ];
  return join(conditions, ' AND ');
}
