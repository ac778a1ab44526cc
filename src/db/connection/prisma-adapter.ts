import { PrismaPg } from '@prisma/adapter-pg';
import { Debug as debugOfClient } from '@prisma/client/runtime/client';
import { Debug as debugOfAdapter, type SqlQuery, type SqlQueryable } from '@prisma/driver-adapter-utils';
import { withTimesAsText } from '../times.js';

/** Prisma's adapter for PostgreSQL. Times keep their zone, and large values do not stay in memory. */
export class PrismaAdapter extends PrismaPg {
  override async connect() {
    const adapter = await super.connect();
    const startTransaction = adapter.startTransaction.bind(adapter);
    adapter.startTransaction = async (isolationLevel) => adapted(await startTransaction(isolationLevel));
    return adapted(adapter);
  }
}

function adapted<Queryable extends SqlQueryable>(queryable: Queryable): Queryable {
  const queryRaw = queryable.queryRaw.bind(queryable);
  const executeRaw = queryable.executeRaw.bind(queryable);
  queryable.queryRaw = (query) => queryRaw(withTimesAsText(query)).finally(() => forgetLargeValues(query));
  queryable.executeRaw = (query) => executeRaw(withTimesAsText(query)).finally(() => forgetLargeValues(query));
  return queryable;
}

/**
 * Prisma keeps the last hundred calls of its debug log in memory, in the client and in the adapter, even when the log
 * is off. They contain the values of statements. Empty calls push large values out.
 */
const kept = 100;
const logs = [debugOfClient('deskgraph'), debugOfAdapter('deskgraph')];

/** A size in characters or bytes. */
const large = 65_536;

function forgetLargeValues({ args }: SqlQuery): void {
  if (args.reduce<number>((sum, arg) => sum + sizeOf(arg), 0) < large) return;
  for (const log of logs) for (let call = 0; call < kept; call += 1) log('');
}

function sizeOf(value: unknown): number {
  if (typeof value === 'string' || value instanceof Uint8Array) return value.length;
  return Array.isArray(value) ? value.reduce<number>((sum, one) => sum + sizeOf(one), 0) : 0;
}
