import { GraphQLError, GraphQLScalarType, Kind, type ValueNode } from 'graphql';
import { GraphQLDateTimeISO, GraphQLJSONObject, GraphQLLocalDate } from 'graphql-scalars';
import { forbiddenKey, inexactNumber, isExact } from '../../lib/json/exact-json.js';
import { isoTime } from '../../lib/values/iso-time.js';
import { exactly } from '../../lib/values/money.js';
import { builder } from './builder.js';

builder.addScalarType(
  'DateTime',
  new GraphQLScalarType({
    ...GraphQLDateTimeISO.toConfig(),
    name: 'DateTime',
    description: 'A point in time as ISO 8601 in UTC with milliseconds, such as 2026-03-13T10:00:00.000Z.',
    // The rows contain valid dates, so the library's checks of output values are skipped.
    serialize: (value) => isoTime(value as Date),
    parseValue: (value) => inYears(GraphQLDateTimeISO.parseValue(value)),
    parseLiteral: (node) => inYears(GraphQLDateTimeISO.parseLiteral(node), node),
  }),
);

/** A time whose year in UTC is from 1 to 9999: ISO 8601 needs no extension for it, and PostgreSQL can read it. */
function inYears(date: Date, node?: ValueNode): Date {
  const year = date.getUTCFullYear();
  if (year < 1 || year > 9_999) throw refusal('DateTime must lie in the years 1 to 9999 in UTC.', node);
  return date;
}

builder.addScalarType(
  'BigInt',
  new GraphQLScalarType({
    name: 'BigInt',
    description: 'A whole number of 64 bits: a JSON number up to 2^53 - 1, a string beyond it.',
    serialize: (value) => exactly(BigInt(value as bigint)),
    parseValue: (value) => readBigInt(typeof value === 'number' ? digitsOf(value) : value),
    parseLiteral: (node: ValueNode) =>
      readBigInt(node.kind === Kind.INT || node.kind === Kind.STRING ? node.value : undefined, node),
  }),
);

/** A JSON number beyond 2^53 - 1 may have lost digits, so it is refused. */
const digitsOf = (value: number): string | undefined => (Number.isSafeInteger(value) ? String(value) : undefined);

function readBigInt(digits: unknown, node?: ValueNode): bigint {
  if (typeof digits === 'string' && /^-?\d{1,19}$/.test(digits)) {
    const value = BigInt(digits);
    if (value === BigInt.asIntN(64, value)) return value;
  }
  throw refusal('BigInt must be a whole number of 64 bits: a string of digits, or a number up to 2^53 - 1.', node);
}

/** Carries the invalid literal, from which validation derives its path. */
const refusal = (message: string, node: ValueNode | undefined): GraphQLError =>
  new GraphQLError(message, node && { nodes: node });

builder.addScalarType(
  'LocalDate',
  new GraphQLScalarType({
    ...GraphQLLocalDate.toConfig(),
    parseValue: (value) => dayInYears(GraphQLLocalDate.parseValue(value)),
    parseLiteral: (node) => dayInYears(GraphQLLocalDate.parseLiteral(node), node),
    description: 'A calendar day as ISO 8601, such as 2026-03-13, in the time zone of the workspace.',
  }),
);

/** PostgreSQL has no year 0. */
function dayInYears(day: string, node?: ValueNode): string {
  if (day.startsWith('0000')) throw refusal('LocalDate must lie in the years 1 to 9999.', node);
  return day;
}

/** A literal must be as exact as the JSON of variables. */
function requireExactLiteral(node: ValueNode, path: readonly (string | number)[]): void {
  if (node.kind === Kind.OBJECT) {
    for (const { name, value } of node.fields) {
      if (name.value === '__proto__') throw refusal(`${path.join('.') || 'JSONObject'} ${forbiddenKey}.`, node);
      requireExactLiteral(value, [...path, name.value]);
    }
  } else if (node.kind === Kind.LIST) {
    for (const [index, value] of node.values.entries()) requireExactLiteral(value, [...path, index]);
  } else if ((node.kind === Kind.INT || node.kind === Kind.FLOAT) && !isExact(node.value)) {
    throw refusal(`${path.join('.')} ${inexactNumber}.`, node);
  }
}

builder.addScalarType(
  'JSONObject',
  new GraphQLScalarType({
    ...GraphQLJSONObject.toConfig(),
    description:
      'A JSON object with keys and values of any kind. Numbers that a double does not hold, and the key __proto__, are refused.',
    parseLiteral(node, variables) {
      requireExactLiteral(node, []);
      return GraphQLJSONObject.parseLiteral(node, variables);
    },
  }),
);
