import { z } from 'zod';
import { type InputIssue, InvalidInput } from '../errors.js';
import { isEmail } from './email.js';

const maxIssues = 20;
const maxMessageLength = 400;

/**
 * The input, checked and brought into its stored form.
 * @throws InvalidInput with the rules it breaks, at most the first 20.
 */
export function parseInput<Schema extends z.ZodType>(schema: Schema, input: unknown): z.output<Schema> {
  const result = schema.safeParse(input);
  if (result.success) return result.data;
  const [first, ...rest] = result.error.issues.slice(0, maxIssues).map(
    (issue): InputIssue => ({
      path: issue.path.filter((part) => typeof part !== 'symbol'),
      // Some repeat what was given.
      message: issue.message.slice(0, maxMessageLength),
    }),
  );
  throw new InvalidInput([first ?? { path: [], message: 'Invalid input.' }, ...rest]);
}

/** A text of 1 to `max` characters once its outer white space is gone. */
export const name = (max: number) =>
  text(max)
    .min(1, 'Must not be empty.')
    .transform((value) => value.trim())
    .refine((value) => value !== '', 'Must not be empty.');

/** A text of at most `max` characters, kept as it is; PostgreSQL stores no NUL, and no half of a character. */
export const text = (max: number) =>
  z
    .string()
    .max(max, { error: `Must have at most ${max} characters.`, abort: true })
    .refine((value) => !value.includes('\0'), 'Must not contain a NUL character.')
    .refine((value) => !/\p{Surrogate}/u.test(value), 'Must not contain half of a surrogate pair.');

/** What is wrong with a value, and where in it. */
export interface Fault {
  message: string;
  path?: readonly string[];
}

/** The schema behind a look at the whole value, which tells its first fault: what has one is not read any further. */
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

/** A list of at most `max` elements, which are read only when there are not more. */
export const list = <Element extends z.ZodType>(element: Element, max: number, message: string) =>
  beforehand(
    (value) => (Array.isArray(value) && value.length > max ? { message } : undefined),
    z.array(element).max(max, message),
  );

/** A whole number within these bounds. */
export const wholeNumber = (least: number, most: number) => {
  const error = `Must be a whole number from ${least} to ${most}.`;
  return z.int({ error }).min(least, { error }).max(most, { error });
};

/** An e-mail address, its outer white space gone. */
export const email = text(320)
  .transform((value) => value.trim())
  .refine(isEmail, 'Invalid email address format.');

/** An absolute http or https URL. */
export const webUrl = text(2_000).pipe(z.url({ protocol: /^https?$/, message: 'Must be an http or https URL.' }));

/** May be left out, but not emptied. */
export const notNull = <Schema extends z.ZodType>(schema: Schema) =>
  schema.nullish().transform((value, context) => {
    if (value !== null) return value;
    context.addIssue('Must not be null.');
    return z.NEVER;
  });
