import { Debug as debugOfClient } from '@prisma/client/runtime/client';
import { Debug as debugOfAdapter, type SqlQuery, type SqlQueryable } from '@prisma/driver-adapter-utils';

/**
 * Prisma keeps the last calls of its debug log in memory, whether it is on or not, and with them the values of the statements:
 * the client and the adapter a hundred each. What is large is pushed out again by calls that say nothing.
 */
const kept = 100;
const logs = [debugOfClient('deskgraph'), debugOfAdapter('deskgraph')];

/** In characters or bytes. */
const large = 65_536;

/** Has values of statements forgotten once these are done, where they are large. */
export function forgetLargeValues<Queryable extends SqlQueryable>(queryable: Queryable): Queryable {
  const queryRaw = queryable.queryRaw.bind(queryable);
  const executeRaw = queryable.executeRaw.bind(queryable);
  queryable.queryRaw = (query) => queryRaw(query).finally(() => forget(query));
  queryable.executeRaw = (query) => executeRaw(query).finally(() => forget(query));
  return queryable;
}

function forget({ args }: SqlQuery): void {
  if (args.reduce<number>((sum, arg) => sum + sizeOf(arg), 0) < large) return;
  for (const log of logs) for (let call = 0; call < kept; call += 1) log('');
}

function sizeOf(value: unknown): number {
  if (typeof value === 'string' || value instanceof Uint8Array) return value.length;
  return Array.isArray(value) ? value.reduce<number>((sum, one) => sum + sizeOf(one), 0) : 0;
}
