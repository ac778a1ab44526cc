import type { SqlQuery } from '@prisma/driver-adapter-utils';
import pg from 'pg';
import { SessionError } from './session.js';

/**
 * Times are correct in every session time zone, because no statement depends on it:
 * - Every column is a `timestamptz`: an instant, not a local time.
 * - Every value includes its zone: pg writes a Date with `+00:00`, JSON uses `Z`, and so does what Prisma sends here.
 * - SQL names the zone in which it computes days (`AT TIME ZONE`). To an instant it adds hours at most.
 * - Every time that is read includes its offset, which is applied even where Prisma's adapter ignores it.
 * The session determines only the format of times. It is set to ISO when the session is opened. If a session uses
 * another format nevertheless, as behind a pooler that forgets settings, reading fails instead of guessing.
 */

// By default pg writes the local time of the process. Its historical offsets had seconds, which pg leaves out.
pg.defaults.parseInputDatesAsUTC = true;

const bigintOid = 20;
const timestamptzOid = 1184;

/**
 * Like pg's default parsers, but exact for 64-bit integers, and faster for times, because it does not try every format.
 */
export const readTypes: pg.CustomTypesConfig = {
  getTypeParser(oid, format) {
    if (oid === bigintOid) return BigInt;
    if (oid === timestamptzOid) return parseTime;
    return pg.types.getTypeParser(oid, format);
  },
};

const parseAnyTime: (text: string) => unknown = pg.types.getTypeParser(timestamptzOid);

const parseTime = (text: string): Date => new Date(isoTime(text));

/** In UTC, as Date and Prisma expect it. Parses the format of a session in UTC, or any other ISO format. */
function isoTime(text: string): string {
  if (text.endsWith('+00') && text.charAt(10) === ' ') return `${text.slice(0, 10)}T${text.slice(11, -3)}Z`;
  const time = parseAnyTime(text);
  if (time instanceof Date) return time.toISOString();
  const fault = `The database writes times as "${text}" and not in ISO form`;
  throw new SessionError(`${fault}; set DateStyle to ISO for the role or the database.`);
}

/** Makes Prisma read times like `readTypes`. Its adapter has parsers that treat every offset as UTC. */
export function readTimesByOffset(client: pg.ClientBase): void {
  client.query = new Proxy(client.query, {
    apply(_query, self, [statement, ...others]: [Partial<pg.QueryConfig> | string, ...unknown[]]) {
      if (typeof statement === 'object' && statement.types && statement.types !== readTypes) {
        statement.types = byOffset(statement.types);
      }
      return Reflect.apply(pg.Client.prototype.query, self, [statement, ...others]);
    },
  });
}

const byOffset = (types: pg.CustomTypesConfig): pg.CustomTypesConfig => ({
  getTypeParser: (oid, format) => (oid === timestamptzOid ? isoTime : types.getTypeParser(oid, format)),
});

/**
 * For Prisma's adapter, which would write times without a zone: passes times to the driver as text that ends in `Z`.
 * Prisma provides them as Date or as ISO text in UTC. Each Date, and each value that is declared as a time, is
 * rewritten.
 */
export const withTimesAsText = ({ sql, args, argTypes }: SqlQuery): SqlQuery => ({
  sql,
  args: args.map((arg) => (Array.isArray(arg) ? arg.map(timeAsText) : timeAsText(arg))),
  argTypes: argTypes.map((type) => (type.scalarType === 'datetime' ? { ...type, scalarType: 'string' } : type)),
});

const timeAsText = (arg: unknown): unknown => (arg instanceof Date ? arg.toISOString() : arg);
