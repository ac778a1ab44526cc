import { z } from 'zod';
import { beforehand, text } from '../lib/values/validation.js';
import { HttpError } from './http-error.js';

/** Parses requests with the schemas of their routes. */

/** A whole number in a query. Error messages call it `name`. */
export const integer = (name: string, least: number, most: number, fallback: number) => {
  const error = `${name} must be an integer from ${least} to ${most}.`;
  return z
    .preprocess(
      (value) => (typeof value === 'string' && /^-?\d{1,9}$/.test(value) ? Number(value) : value),
      z.int({ error }).min(least, { error }).max(most, { error }),
    )
    .default(fallback);
};

const blankAsNone = (max: number) => text(max).transform((value) => value.trim() || null);

/** An optional text of at most `max` characters. Null, an empty text and a blank text count as absent. */
export const nameOrNone = (max: number) => blankAsNone(max).nullish();

/** The same in a query, where there is no null. */
export const nameOrNoneInQuery = (max: number) => blankAsNone(max).optional();

/** One of these words. */
export const oneOf = <const Values extends readonly [string, ...string[]]>(name: string, values: Values) =>
  z.enum(values, { error: `Invalid ${name}. Must be one of: ${values.join(', ')}.` });

/** An id in a path. An id in another form gets the message that the object was not found. */
export const idInPath = (prefix: string, what: string) =>
  z.string().regex(new RegExp(`^${prefix}_[A-Za-z0-9_-]{1,120}$`), { error: `${what} not found.` });

const hex = '[\\dA-Fa-f]';

/** A UUID in either case, as a part of a regular expression. */
export const uuidPattern = `${hex}{8}(?:-${hex}{4}){3}-${hex}{12}`;

interface IdForms {
  /** The prefix of ids in the graph. */
  ofGraph: string;
  /** The prefix that the vendor puts before a UUID without dashes. */
  prefix: string;
}

/** An id of the graph, or a UUID in the standard form or the vendor's. Any other form gets `error`. */
export const idOrUuid = ({ ofGraph, prefix }: IdForms, error: string) => {
  const before = `(?:${prefix}|${prefix.toUpperCase()})_`;
  const undashed = new RegExp(`^${before}(${hex}{8})(${hex}{4})(${hex}{4})(${hex}{4})(${hex}{12})$`);
  const forms = [`${ofGraph}_[A-Za-z0-9_-]{1,120}`, `${before}${hex}{32}`, uuidPattern];
  return z
    .string()
    .regex(new RegExp(`^(${forms.join('|')})$`), { error })
    .transform((id) => id.replace(undashed, '$1-$2-$3-$4-$5'));
};

/** JSON of the maximum size of metadata cannot have more keys. */
const maxKeys = 5_000;

/** An object with arbitrary keys. It is parsed only if it does not have too many. */
export const keyed = beforehand(
  (value) =>
    typeof value === 'object' && value !== null && Object.keys(value).length > maxKeys
      ? { message: `Must have at most ${maxKeys} keys.` }
      : undefined,
  z.record(z.string(), z.unknown()),
);

/** Parses the input. @throws HttpError with `status` and the first error. */
export function read<Schema extends z.ZodType>(schema: Schema, input: unknown, status = 400): z.output<Schema> {
  const result = schema.safeParse(input, { error: explain });
  if (result.success) return result.data;
  const [{ path = [], message = 'Invalid request.' } = {}] = result.error.issues;
  const isMissing = path.length > 0 && path.reduce<unknown>(memberOf, input) === undefined;
  const about = { ...(path.length > 0 && { param: path.join('.') }), isMissing };
  throw new HttpError(status, inWords(path.map(String), message), {}, about);
}

const memberOf = (value: unknown, name: PropertyKey): unknown =>
  typeof value === 'object' && value !== null ? (value as Record<PropertyKey, unknown>)[name] : undefined;

/** A message with the name of its parameter. Messages that begin otherwise already contain it. */
export const inWords = (path: readonly string[], message: string): string =>
  path.length > 0 && message.startsWith('Must ') ? `${path.join('.')} must ${message.slice('Must '.length)}` : message;

const names: Record<string, string> = {
  string: 'a string',
  object: 'an object',
  record: 'an object',
  array: 'a list',
  boolean: 'true or false',
};

/** The message for an issue whose schema defines none. */
const explain: z.core.$ZodErrorMap = (issue) => {
  if (issue.code !== 'invalid_type') return undefined;
  const name = issue.path?.map(String).join('.');
  if (!name) return 'The request body must be a JSON object.';
  return issue.input === undefined
    ? `${name} is required.`
    : `${name} must be ${names[issue.expected] ?? issue.expected}.`;
};

/**
 * The query parameters of a route, each of which may occur once. Lists are refused, because a route that ignored them
 * would return more than was requested.
 * @throws HttpError
 */
export function singleValues({ shape }: z.ZodObject, query: URLSearchParams): Record<string, string> {
  const values: Record<string, string> = Object.create(null);
  for (const [given, value] of query) {
    const [name = ''] = given.split('[', 1);
    if (!Object.hasOwn(shape, name)) continue;
    if (name !== given) throw new HttpError(400, `${name} must be one value, without brackets.`, {}, { param: name });
    if (name in values) throw new HttpError(400, `${name} must be given once.`, {}, { param: name });
    values[name] = value;
  }
  return values;
}

/** Removes empty values of optional parameters, because they mean nothing. */
export const withoutEmpty = ({ shape }: z.ZodObject, values: Record<string, string>): Record<string, string> =>
  Object.fromEntries(Object.entries(values).filter(([name, value]) => value !== '' || !isOptional(shape[name])));

const isOptional = (schema: z.core.$ZodType | undefined): boolean =>
  schema !== undefined && z.safeParse(schema, undefined).success;
