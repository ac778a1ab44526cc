import { z } from 'zod';
import { type InputIssue, InvalidInput } from '../../errors.js';
import { isEmail, isMailAddress, oneSpelling } from '../text/email.js';

const maxIssues = 20;
const maxMessageLength = 400;

/**
 * The input, checked and brought into its stored form.
 * @throws InvalidInput with the rules it breaks, at most the first 20.
 */
export function parseInput<Schema extends z.ZodType>(schema: Schema, input: unknown): z.output<Schema> {
  const result = schema.safeParse(input);
  if (result.success) return result.data;
  const [first, ...rest] = result.error.issues.slice(0, maxIssues).flatMap((issue): InputIssue[] => {
    const path = issue.path.filter((part) => typeof part !== 'symbol');
    // Some messages repeat the input, so they are cut.
    if (issue.code !== 'unrecognized_keys') return [{ path, message: issue.message.slice(0, maxMessageLength) }];
    const keys = issue.keys.slice(0, maxIssues);
    return keys.map((key) => ({ path: [...path, key], message: 'There is no such field.' }));
  });
  throw new InvalidInput([first ?? { path: [], message: 'Invalid input.' }, ...rest]);
}

/** The name of the graph type for an input whose zod type does not show it, such as "ID" for a string. */
export const inputMeta = z.registry<{ type: string }>();

/** The item schemas of lists whose items are validated one by one. */
export const itemsOf = new WeakMap<z.ZodType, z.ZodType>();

/** An id, global or plain. The service parses it. */
export const id = z.string().register(inputMeta, { type: 'ID' });

/** The version that the caller has read. A write refuses an object that has another version. */
export const ifVersion = (what: string) =>
  z
    .int()
    .nullish()
    .describe(
      `The version of the ${what} that you have read: CONFLICT when it has changed since. Null skips the check.`,
    );

/** A text of 1 to `max` characters after trimming. */
export const name = (max: number) =>
  text(max)
    .min(1, 'Must not be empty.')
    .transform((value) => value.trim())
    .refine((value) => value !== '', 'Must not be empty.');

/** The form in which names are stored and compared. */
export const keyForm = (given: string): string => given.trim().normalize('NFC');

/** Invisible characters, which could make two different names look the same. Emoji variation selectors are allowed. */
const invisible =
  /[\u00ad\u061c\u115f\u1160\u17b4\u17b5\u180e\u3164\uffa0\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufeff]/u;
const invisibleMessage = 'Must not contain invisible characters.';

/** A name that is compared with others: composed, and without invisible characters. */
export const key = (max: number) =>
  name(max)
    .refine((value) => !invisible.test(value), invisibleMessage)
    .transform(keyForm);

/** A name to find an object by, in the form in which `key` stores it. */
export const wantedKey = (max: number) => text(max).transform(keyForm);

/** A text of at most `max` characters, stored unchanged. PostgreSQL cannot store NUL or unpaired surrogates. */
export const text = (max: number) =>
  z
    .string()
    .max(max, { error: `Must have at most ${max} characters.`, abort: true })
    .refine((value) => !value.includes('\0'), 'Must not contain a NUL character.')
    .refine((value) => !/\p{Surrogate}/u.test(value), 'Must not contain half of a surrogate pair.');

/** The maximum length of a team's notes about a person or an object. */
export const maxNotes = 10_000;
export const notes = text(maxNotes);

/** A fault of a value, and its path. */
export interface Fault {
  message: string;
  path?: readonly string[];
}

/** A schema that first checks the whole value. If the check finds a fault, the value is not parsed further. */
export const beforehand = <Schema extends z.ZodType>(
  faultOf: (value: z.input<Schema>) => Fault | undefined,
  schema: Schema,
) =>
  z.preprocess((value: z.input<Schema>, context) => {
    const fault = faultOf(value);
    if (!fault) return value;
    const { message, path = [] } = fault;
    context.addIssue({ code: 'custom', message, path: [...path] });
    return z.NEVER;
  }, schema);

const atMost = <List extends z.ZodType>(max: number, message: string, schema: List) =>
  beforehand((value) => (Array.isArray(value) && value.length > max ? { message } : undefined), schema);

/** A list of at most `max` elements. A longer list is refused before its elements are parsed. */
export const list = <Element extends z.ZodType>(element: Element, max: number, message: string) =>
  atMost(max, message, z.array(element).max(max, message));

/**
 * A list of 1 to `most` items, such as "customer". The service validates them one by one, so that each can be refused
 * alone.
 */
export function itemByItem(
  item: z.ZodType,
  { most, what, description }: Record<'what' | 'description', string> & { most: number },
) {
  const items = z.array(z.unknown()).min(1, `Must have at least one ${what}.`);
  itemsOf.set(items, item);
  return atMost(most, `Must have at most ${most} ${what}s.`, items).describe(description);
}

/** A whole number within these bounds. */
export const wholeNumber = (least: number, most: number) => {
  const error = `Must be a whole number from ${least} to ${most}.`;
  return z.int({ error }).min(least, { error }).max(most, { error });
};

const address = text(320)
  .refine((value) => !invisible.test(value), invisibleMessage)
  .transform(oneSpelling);
const addressMessage = 'Invalid email address format.';

/** An e-mail address as people enter it, in one spelling. */
export const email = address.refine(isEmail, addressMessage);

/**
 * The same, with all addresses that mail can come from. Exports contain the addresses of received mail, and imports
 * accept them.
 */
export const importedEmail = address.refine(isMailAddress, addressMessage);

/**
 * A URL that all programs parse in the same way. Browsers treat a backslash as a slash and skip additional slashes, so
 * other programs may see a different host in the same text.
 */
const plainUrl = /^https?:\/\/[^\s/?#\\]+(?:[/?#]\P{Cc}*)?$/iu;
const urlMessage = 'Must be an http or https URL.';

/** An absolute http or https URL. */
export const webUrl = text(2_000)
  .pipe(z.url({ protocol: /^https?$/, message: urlMessage, abort: true }))
  .refine((value) => plainUrl.test(value), urlMessage);

/** May be left out, but must not be null. */
export const notNull = <Schema extends z.ZodType>(schema: Schema) =>
  schema.nullish().transform((value, context) => {
    if (value !== null) return value;
    context.addIssue('Must not be null.');
    return z.NEVER;
  });
