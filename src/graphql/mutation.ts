import type { FieldMap, InputFieldMap, InputRef, InputShapeFromFields } from '@pothos/core';
import type { Context } from '../context.js';
import { AppError, describeError, type ErrorCode, type ErrorDescription } from '../errors.js';
import type { Scope } from '../modules/workspace/scopes.js';
import { builder, type SchemaTypes } from './builder.js';
import { costs } from './cost.js';

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

/** What builds the fields of a payload. */
export type PayloadBuilder<Result> = PothosSchemaTypes.ObjectFieldBuilder<SchemaTypes, Payload<Result>>;

export interface MutationOptions<Input extends InputFieldMap, Result extends object> {
  description: string;
  scope: Scope;
  /** What the workspace's plan must include. */
  entitlement?: 'REVENUE_TRACKING';
  input: (t: PothosSchemaTypes.InputFieldBuilder<SchemaTypes, 'InputObject'>) => Input;
  resolve: (context: Context, input: InputShapeFromFields<Input>) => Promise<Result>;
  /** Stands behind `resolve`, from which the compiler learns what a payload is made of. */
  payload: (t: PayloadBuilder<Result>) => FieldMap;
}

/** What a write costs beside what it answers with: some statements in a transaction of its own. */
const writePoints = 10;

/** Defines `verbNoun(input: VerbNounInput!): VerbNounPayload!`, the form of every mutation. */
export function defineMutation<Input extends InputFieldMap, Result extends object>(
  name: string,
  { description, scope, entitlement, input, payload, resolve }: MutationOptions<Input, Result>,
): void {
  const typeName = name.charAt(0).toUpperCase() + name.slice(1);
  const inputType = builder.inputType(`${typeName}Input`, {
    description: `What ${name} takes.`,
    fields: input,
  });
  const payloadType = builder.objectRef<Payload<Result>>(`${typeName}Payload`).implement({
    description: `What ${name} did. Its fields are null when there are user errors.`,
    fields: (t) => ({
      ...payload(t),
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
      args: {
        input: t.arg({ type: inputType as InputRef<object>, required: true, description: `What ${name} takes.` }),
      },
      resolve: (_root, args, context, { path }) => {
        const services = context.servicesOf(String(path.key));
        return attempt(() => resolve({ ...context, services }, args.input as InputShapeFromFields<Input>)) as never;
      },
    }),
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
