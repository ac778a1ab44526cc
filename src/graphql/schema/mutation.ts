import type { FieldMap, InputRef, OutputRef } from '@pothos/core';
import type { z } from 'zod';
import type { Scope } from '../../auth/scopes.js';
import type { Context } from '../../context.js';
import { AppError, describeError, type ErrorCode, type ErrorDescription } from '../../errors.js';
import type { ErrorPolicy, ItemOutcome } from '../../lib/values/batch.js';
import type { WriteResult as WrittenAs } from '../../lib/values/changes.js';
import { costs } from '../limits/cost.js';
import { builder, type SchemaTypes, type Wanted } from './builder.js';
import { inputOf, nameInput } from './input.js';

const maxUserErrors = 100;

/** Errors that a caller can correct are returned in the payload. All other errors are GraphQL errors. */
const correctable = ['BAD_USER_INPUT', 'NOT_FOUND', 'CONFLICT'] as const satisfies readonly ErrorCode[];
type UserErrorCode = (typeof correctable)[number];

export interface UserErrorShape {
  code: UserErrorCode;
  message: string;
  path: string[];
  conflictingId: string | null;
  retryable: boolean;
}

const UserErrorCode = builder.enumType('UserErrorCode', {
  description: 'The kind of a user error.',
  values: {
    BAD_USER_INPUT: { description: 'A value breaks a rule of its field.' },
    NOT_FOUND: { description: 'Nothing in this workspace has the given id.' },
    CONFLICT: { description: 'The change conflicts with stored data or with another change.' },
  } satisfies Record<UserErrorCode, { description: string }>,
});

const UserError = builder.objectRef<UserErrorShape>('UserError').implement({
  description: 'An error in the input that the caller can correct.',
  fields: (t) => ({
    code: t.expose('code', { type: UserErrorCode, description: 'The kind of error, for programs.' }),
    message: t.exposeString('message', { description: 'The error in English, for people.' }),
    path: t.exposeStringList('path', {
      description:
        'The path of the wrong value in the arguments, such as ["input", "email"]; list indexes count from 0.',
    }),
    conflictingId: t.exposeID('conflictingId', {
      nullable: true,
      description: 'The plain id of the object that the change conflicts with; null when there is none.',
    }),
    retryable: t.exposeBoolean('retryable', {
      description: 'Whether the same call may succeed after the data is read again.',
    }),
  }),
});

/** The result of a mutation, or the errors in its input. */
export type Payload<Result> = { [Key in keyof Result]?: Result[Key] } & { userErrors: UserErrorShape[] };

/** A field of a payload; null when there are user errors. */
export interface PayloadField {
  description: string;
  type:
    | OutputRef<unknown>
    | [OutputRef<unknown>]
    | ['String']
    | ['ID']
    | 'Boolean'
    | 'ID'
    | 'Int'
    | 'BigInt'
    | 'DateTime'
    | 'String';
  /** Whether it is shown only once. A response that is stored for repetitions does not contain it. */
  isSecret?: true;
  /** `scoped(…)` if the field needs a scope in addition to that of the mutation. */
  extensions?: { scope: Scope };
}

const WriteResult = builder.enumType('WriteResult', {
  description: 'What a write did.',
  values: {
    CREATED: { description: 'It created a new object.' },
    UPDATED: { description: 'It changed the value of at least one field.' },
    UNCHANGED: { description: 'All values were already as requested, so nothing was written.' },
  } satisfies Record<WrittenAs, object>,
});

/** The field that tells what a mutation did. */
export const written = (description = 'What the mutation did.'): PayloadField => ({ type: WriteResult, description });

export const changedFields: PayloadField = {
  type: ['String'],
  description: 'The names of the fields whose value changed.',
};

/** A field that is computed from the result. */
export interface ComputedField<Result> extends PayloadField {
  resolve(result: Result, context: Context): unknown;
}

export interface MutationOptions<Schema extends z.ZodType, Result extends object> {
  description: string;
  scope: Wanted;
  /** The feature that the plan of the workspace must include. */
  entitlement?: 'REVENUE_TRACKING';
  /** The schema with which the service validates the input. The input type of the graph is derived from it. */
  input: Schema;
  resolve: (context: Context, input: z.input<Schema>) => Promise<Result>;
  /** The properties of the result that the payload contains under the same names. */
  payload: { [Name in keyof NoInfer<Result>]?: PayloadField };
  computed?: Readonly<Record<string, ComputedField<NoInfer<Result>>>>;
}

/** The points of a write, in addition to those of its payload: a transaction with some statements. */
const writePoints = 10;

/** Defines `verbNoun(input: VerbNounInput!): VerbNounPayload!`, the form of every mutation. */
export function defineMutation<Schema extends z.ZodType, Result extends object>(
  name: string,
  { description, scope, entitlement, input, payload, computed, resolve }: MutationOptions<Schema, Result>,
): void {
  const typeName = name.charAt(0).toUpperCase() + name.slice(1);
  const inputType = inputOf(`${typeName}Input`, input, `The input of ${name}.`) as InputRef<object>;
  const payloadType = builder.objectRef<Payload<Result>>(`${typeName}Payload`).implement({
    description: `The result of ${name}. All other fields are null when there are user errors.`,
    extensions: { isPayload: true },
    fields: (t) => ({
      ...resultFields<Payload<Result>, Result>(t, { ...(payload as ResultFields<Result>), ...computed }, (result) =>
        result.userErrors.length > 0 ? null : (result as Result),
      ),
      userErrors: t.field({
        type: [UserError],
        description: 'The errors in the input that the caller can correct; empty when the mutation succeeded.',
        resolve: ({ userErrors }) => userErrors,
      }),
    }),
  });
  builder.mutationField(name, (t) =>
    t.field({
      description,
      ...costs(writePoints),
      type: payloadType,
      authScopes: entitlement ? { revenue: scope } : { scope },
      args: { input: t.arg({ type: inputType, required: true, description: `The input of ${name}.` }) },
      resolve: (_root, args, context, { path }) => {
        const services = context.servicesOf(String(path.key));
        return attempt(() => resolve({ ...context, services }, args.input as z.input<Schema>)) as never;
      },
    }),
  );
}

type ResultFields<Result> = Readonly<Record<string, PayloadField & Partial<ComputedField<Result>>>>;

/** Fields of a result; null where the parent has no result. */
function resultFields<Parent, Result extends object>(
  t: PothosSchemaTypes.ObjectFieldBuilder<SchemaTypes, Parent>,
  fields: ResultFields<Result>,
  resultOf: (parent: Parent) => Result | null,
): FieldMap {
  return Object.fromEntries(
    Object.entries(fields).map(([name, { resolve, type, isSecret, ...options }]) => [
      name,
      t.field({
        ...options,
        // The builder can check a value only against a literal type.
        type: type as 'String',
        nullable: true,
        resolve: (parent, _args, context) => {
          const result = resultOf(parent);
          if (result === null) return null;
          const value = (resolve ? resolve(result, context) : result[name as keyof Result]) as string | null;
          if (isSecret && value !== null) context.secrets.add(value);
          return value;
        },
      }),
    ]),
  );
}

nameInput(
  'ErrorPolicy',
  builder.enumType('ErrorPolicy', {
    description: 'What happens to the other items of a bulk mutation when one is refused.',
    values: {
      ALL_OR_NOTHING: {
        description: `Nothing is written; userErrors of the payload has the errors of the items, at most the first ${maxUserErrors}.`,
      },
      PER_ITEM: { description: 'The other items are written; the result of each item has its own userErrors.' },
    } satisfies Record<ErrorPolicy, object>,
  }),
);

/**
 * The payload field for the results of a bulk mutation. `name` is the item type. Its fields are those of the mutation
 * of one item, and null for refused items.
 */
export function bulkResults<Item extends object>(
  name: string,
  { description, fields }: { description: string; fields: { [Name in keyof Item]?: PayloadField } },
): PayloadField {
  const type = builder.objectRef<ItemOutcome<Item>>(name).implement({
    description,
    extensions: { isPayload: true },
    fields: (t) => ({
      index: t.exposeInt('index', { description: 'The index of the item in the input, from 0.' }),
      ...resultFields<ItemOutcome<Item>, Item>(t, nullWhenRefused(fields as ResultFields<Item>), ({ value }) => value),
      userErrors: t.field({
        type: [UserError],
        description: 'Why the item was refused, with paths from the arguments; empty when the item was written.',
        resolve: ({ errors }) => userErrorsOf(errors),
      }),
    }),
  });
  return { type: [type], description: 'The result of each item, in the order of the input.' };
}

const nullWhenRefused = <Item>(fields: ResultFields<Item>): ResultFields<Item> =>
  Object.fromEntries(
    Object.entries(fields).map(([name, field]) => [
      name,
      { ...field, description: field.description.replace(/\.$/, '; null if the item was refused.') },
    ]),
  );

async function attempt<Result extends object>(work: () => Promise<Result>): Promise<Payload<Result>> {
  try {
    return { ...(await work()), userErrors: [] };
  } catch (error) {
    if (!(error instanceof AppError) || !isCorrectable(error.code)) throw error;
    return { userErrors: userErrorsOf(describeError(error)) } as unknown as Payload<Result>;
  }
}

/** The errors in an input, at most the first `maxUserErrors`, with paths from the arguments of the mutation. */
const userErrorsOf = (errors: readonly ErrorDescription[]): UserErrorShape[] =>
  errors
    .slice(0, maxUserErrors)
    .flatMap(({ code, path, ...rest }) =>
      isCorrectable(code) ? [{ ...rest, code, path: ['input', ...path.map(String)] }] : [],
    );

const isCorrectable = (code: ErrorCode): code is UserErrorCode => correctable.some((one) => one === code);
