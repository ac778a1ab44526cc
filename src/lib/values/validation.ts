import { z } from 'zod';
import { type InputIssue, InvalidInput } from '../../errors.js';
import { isEmail } from '../text/email.js';

/**
 * The input, checked and brought into its stored form.
 * @throws InvalidInput with every rule it breaks.
 */
export function parseInput<Schema extends z.ZodType>(schema: Schema, input: unknown): z.output<Schema> {
  const result = schema.safeParse(input);
  if (result.success) return result.data;
  const [first, ...rest] = result.error.issues.flatMap((issue): InputIssue[] => {
    const path = issue.path.filter((part) => typeof part !== 'symbol');
    if (issue.code !== 'unrecognized_keys') return [{ path, message: issue.message }];
    return issue.keys.map((key) => ({ path: [...path, key], message: 'There is no such field.' }));
  });
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
    .max(max, `Must have at most ${max} characters.`)
    .refine((value) => !value.includes('\0'), 'Must not contain a NUL character.')
    .refine((value) => !/\p{Surrogate}/u.test(value), 'Must not contain half of a surrogate pair.');

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
