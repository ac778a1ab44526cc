import type { FieldMap, InputRef, OutputRef } from '@pothos/core';
import type { z } from 'zod';
import type { Scope } from '../../auth/scopes.js';
import type { Context } from '../../context.js';
import { AppError, describeError, type ErrorCode, type ErrorDescription } from '../../errors.js';
import { costs } from '../limits/cost.js';
import { builder, type SchemaTypes } from './builder.js';
import { inputOf } from './input.js';

/** What a caller can mend; everything else that goes wrong is an error of the whole answer. */
const mendable = ['BAD_USER_INPUT', 'NOT_FOUND', 'CONFLICT'] as const satisfies readonly ErrorCode[];
type UserErrorCode = (typeof mendable)[number];

export interface UserErrorShape {
  code: UserErrorCode;
  message: string;
  path: string[];
  conflictingId: string | null;
  retryable: boolean;
}

const UserErrorCode = builder.enumType('UserErrorCode', {
  description: 'What kind of mistake a user error tells of.',
  values: {
    BAD_USER_INPUT: { description: 'A value breaks a rule of its field.' },
    NOT_FOUND: { description: 'An id names nothing in this workspace.' },
    CONFLICT: { description: 'The change collides with what is stored or with another change.' },
  } satisfies Record<UserErrorCode, { description: string }>,
});

export const UserError = builder.objectRef<UserErrorShape>('UserError').implement({
  description: 'Something in the input that the caller can mend.',
  fields: (t) => ({
    code: t.expose('code', { type: UserErrorCode, description: 'The kind of mistake, for programs.' }),
    message: t.exposeString('message', { description: 'What is wrong, for people, in English.' }),
    path: t.exposeStringList('path', {
      description: 'Where it lies, such as ["input", "email"]; list places as numbers.',
    }),
    conflictingId: t.exposeID('conflictingId', {
      nullable: true,
      description: 'The plain id of the object in the way; null when there is none.',
    }),
    retryable: t.exposeBoolean('retryable', {
      description: 'Whether the same call may succeed once the data was read anew.',
    }),
  }),
});

/** What a mutation answers: the result, or what is wrong with the input. */
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
    | 'String';
  /** The scope that it needs beside that of the mutation. */
  authScopes?: { scope: Scope };
}

/** A field that is made of the result. */
export interface ComputedField<Result> extends PayloadField {
  resolve(result: Result, context: Context): unknown;
}

export interface MutationOptions<Schema extends z.ZodType, Result extends object> {
  description: string;
  scope: Scope;
  /** What the workspace's plan must include. */
  entitlement?: 'REVENUE_TRACKING';
  /** The rule by which the service checks the input. The input of the graph is derived from it. */
  input: Schema;
  resolve: (context: Context, input: z.input<Schema>) => Promise<Result>;
  /** What the payload shows of the result, by the names that the result has for it. */
  payload: { [Name in keyof NoInfer<Result>]?: PayloadField };
  computed?: Readonly<Record<string, ComputedField<NoInfer<Result>>>>;
}

/** What a write costs beside what it answers with: some statements in a transaction of its own. */
const writePoints = 10;

/** Defines `verbNoun(input: VerbNounInput!): VerbNounPayload!`, the form of every mutation. */
export function defineMutation<Schema extends z.ZodType, Result extends object>(
  name: string,
  { description, scope, entitlement, input, payload, computed, resolve }: MutationOptions<Schema, Result>,
): void {
  const typeName = name.charAt(0).toUpperCase() + name.slice(1);
  const inputType = inputOf(`${typeName}Input`, input, `What ${name} takes.`) as InputRef<object>;
  const payloadType = builder.objectRef<Payload<Result>>(`${typeName}Payload`).implement({
    description: `What ${name} did. Its fields are null when there are user errors.`,
    fields: (t) => ({
      ...payloadFields<Result>(t, { ...(payload as Record<string, PayloadField>), ...computed }),
      userErrors: t.field({
        type: [UserError],
        description: 'What the caller can mend; empty when all went well.',
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
      args: { input: t.arg({ type: inputType, required: true, description: `What ${name} takes.` }) },
      resolve: (_root, args, context, { path }) => {
        const services = context.servicesOf(String(path.key));
        return attempt(() => resolve({ ...context, services }, args.input as z.input<Schema>)) as never;
      },
    }),
  );
}

type PayloadBuilder<Result> = PothosSchemaTypes.ObjectFieldBuilder<SchemaTypes, Payload<Result>>;

function payloadFields<Result extends object>(
  t: PayloadBuilder<Result>,
  fields: Readonly<Record<string, PayloadField & Partial<ComputedField<Result>>>>,
): FieldMap {
  return Object.fromEntries(
    Object.entries(fields).map(([name, { resolve, type, ...options }]) => [
      name,
      t.field({
        ...options,
        // The builder checks a value against a type that it is given as a literal.
        type: type as 'String',
        nullable: true,
        resolve: (result, _args, context) => {
          if (result.userErrors.length > 0) return null;
          return (resolve ? resolve(result as Result, context) : result[name as keyof Result]) as string | null;
        },
      }),
    ]),
  );
}

async function attempt<Result extends object>(work: () => Promise<Result>): Promise<Payload<Result>> {
  try {
    return { ...(await work()), userErrors: [] };
  } catch (error) {
    if (!(error instanceof AppError) || !isMendable(error.code)) throw error;
    return { userErrors: userErrorsOf(describeError(error)) } as unknown as Payload<Result>;
  }
}

const maxUserErrors = 100;

/** What is wrong with an input, at most the first 100 mistakes, with paths from the arguments of the mutation. */
export const userErrorsOf = (errors: readonly ErrorDescription[]): UserErrorShape[] =>
  errors
    .slice(0, maxUserErrors)
    .flatMap(({ code, path, ...rest }) =>
      isMendable(code) ? [{ ...rest, code, path: ['input', ...path.map(String)] }] : [],
    );

const isMendable = (code: ErrorCode): code is UserErrorCode => mendable.some((one) => one === code);
