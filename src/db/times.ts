import type { SqlQuery } from '@prisma/driver-adapter-utils';
import pg from 'pg';
import { SessionError } from './session.js';

/**
 * Times are right whatever zone a session is in, since no statement takes one from it:
 * - Every column is a `timestamptz`: a moment, not the reading of a clock.
 * - Every value bears its zone: pg writes a Date with `+00:00`, JSON has it with `Z`, and so has what Prisma sends here.
 * - SQL names the zone in which it reckons with days (`AT TIME ZONE`); to a moment it adds hours at most.
 * - Every time that is read bears its offset, which is taken into account, also where Prisma's adapter ignores it.
 * The one thing that a session decides is the form in which it writes times. Each is set to ISO when it is opened; should
 * it write another form nonetheless, as behind a pooler that forgets settings, reading fails rather than guesses.
 */

// By default pg writes the local time of the process, whose offset had seconds in old times that it leaves out.
pg.defaults.parseInputDatesAsUTC = true;

const bigintOid = 20;
const timestamptzOid = 1184;

/** As pg parses by default, but 64-bit integers exactly, and times without its search through every form they can have. */
export const readTypes: pg.CustomTypesConfig = {
  getTypeParser(oid, format) {
    if (oid === bigintOid) return BigInt;
    if (oid === timestamptzOid) return parseTime;
    return pg.types.getTypeParser(oid, format);
  },
};

const parseAnyTime: (text: string) => unknown = pg.types.getTypeParser(timestamptzOid);

const parseTime = (text: string): Date => new Date(isoTime(text));

/** In UTC, as Date and Prisma take it; from the form in which a session in UTC writes times, or from any other ISO form. */
function isoTime(text: string): string {
  if (text.endsWith('+00') && text.charAt(10) === ' ') return `${text.slice(0, 10)}T${text.slice(11, -3)}Z`;
  const time = parseAnyTime(text);
  if (time instanceof Date) return time.toISOString();
  const fault = `The database writes times as "${text}" and not in ISO form`;
  throw new SessionError(`${fault}; set DateStyle to ISO for the role or the database.`);
}

/** Lets Prisma read times as `readTypes` does: its adapter brings parsers along that take every offset for UTC. */
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
 * For Prisma's adapter, which would write times without their zone: times go to the driver as text that ends in `Z`. Prisma has
 * them as Date or as ISO text in UTC, and the adapter rewrites each Date and each value that is declared as a time.
 */
export const withTimesAsText = ({ sql, args, argTypes }: SqlQuery): SqlQuery => ({
  sql,
  args: args.map((arg) => (Array.isArray(arg) ? arg.map(timeAsText) : timeAsText(arg))),
  argTypes: argTypes.map((type) => (type.scalarType === 'datetime' ? { ...type, scalarType: 'string' } : type)),
});

const timeAsText = (arg: unknown): unknown => (arg instanceof Date ? arg.toISOString() : arg);
