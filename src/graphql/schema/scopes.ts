import {
  type DocumentNode,
  defaultFieldResolver,
  type FragmentDefinitionNode,
  type GraphQLField,
  type GraphQLFieldResolver,
  type GraphQLObjectType,
  type GraphQLOutputType,
  type GraphQLSchema,
  getNamedType,
  getOperationAST,
  isObjectType,
  Kind,
  type SelectionSetNode,
} from 'graphql';
import { holds, requireScope, type Scope } from '../../auth/scopes.js';
import type { Context } from '../../context.js';

/**
 * Scopes stand on types, and on the few fields that show something of another type. Whatever leads to a type needs its
 * scope: the fields of the type itself are not checked, so that a page of rows costs nothing more.
 *
 * The auth plugin's own scopes of types would check each field of each object; with `runScopesOnType` it checks in
 * `isTypeOf`, whose promises graphql-jit takes for true.
 */

declare module 'graphql' {
  interface GraphQLObjectTypeExtensions<_TSource, _TContext> {
    /** What a key needs to see objects of the type; absent: nothing. */
    scope?: Scope;
    /** True for what a mutation answers: of an object that the key may not see it shows the ids. */
    isPayload?: true;
  }
  interface GraphQLFieldExtensions<_TSource, _TContext, _TArgs> {
    /** What a key needs for the field, if that is not the scope of its type. */
    scope?: Scope;
    /** True where the field of an object that the key may see is null for what it may not see. */
    isNullWhenHidden?: true;
    /** As the builder keeps them. */
    pothosOptions?: { authScopes?: Declared };
  }
}

/** What the auth plugin checks of a field. */
interface Declared {
  scope?: Scope | readonly Scope[];
  revenue?: Scope | readonly Scope[];
  analytics?: Scope;
}

/** The option of a type or a field that a key needs this scope to see. */
export const scoped = (scope: Scope) => ({ extensions: { scope } });

/** The option of a field whose resolver leaves out what the key may not see: by the scope of its type, or this one. */
export const nullWhenHidden = (scope?: Scope) =>
  ({ extensions: { isNullWhenHidden: true, ...(scope && { scope }) } }) as const;

type Field = GraphQLField<unknown, Context>;

/** What a key needs for a field of a type that it may see. */
export interface Need {
  /** Any of these. */
  scopes: readonly Scope[];
  /** What comes of it when the key has none: an error, one unless only ids are selected, or null. */
  otherwise: 'REFUSED' | 'IDS_ONLY' | 'NULL';
}

/** The scope of a type: its own, or that of the rows of a page. */
export function scopeOf(type: GraphQLOutputType): Scope | undefined {
  const named = getNamedType(type);
  if (!isObjectType(named)) return undefined;
  const { nodes, node, pageInfo, cursor } = named.getFields();
  if (nodes && pageInfo) return scopeOf(nodes.type);
  if (node && cursor) return scopeOf(node.type);
  return named.extensions.scope;
}

/** What a field needs beside the scope of its parent: all of it. */
export function needsOf(parent: GraphQLObjectType, field: Field): readonly Need[] {
  const declared = declaredScopes(field);
  const implied = impliedNeed(parent, field);
  return [...(declared.length > 0 ? [{ scopes: declared, otherwise: 'REFUSED' } as const] : []), ...(implied ?? [])];
}

/** The need that comes of a field's own scope or that of its type; nothing when its parent or the auth plugin has it. */
function impliedNeed(parent: GraphQLObjectType, field: Field): readonly [Need & { scope: Scope }] | undefined {
  const { extensions, type } = field;
  const scope = extensions.scope ?? scopeOf(type);
  const declared = declaredScopes(field);
  const isDeclared = declared.length === 1 && declared[0] === scope;
  if (scope === undefined || scope === scopeOf(parent) || isDeclared) return undefined;
  const isOfPayload = parent.extensions.isPayload === true && extensions.scope === undefined;
  const otherwise = extensions.isNullWhenHidden ? 'NULL' : isOfPayload ? 'IDS_ONLY' : 'REFUSED';
  return [{ scope, scopes: [scope], otherwise }];
}

/** What the auth plugin checks: any of these scopes. */
function declaredScopes({ extensions }: Field): readonly Scope[] {
  const { scope, revenue, analytics } = extensions.pothosOptions?.authScopes ?? {};
  return [scope, revenue, analytics].flatMap((one) => one ?? []);
}

/** Has every field that leads to a type check its scope. */
export function withScopes(schema: GraphQLSchema): GraphQLSchema {
  for (const type of Object.values(schema.getTypeMap())) {
    if (!isObjectType(type)) continue;
    for (const field of Object.values(type.getFields())) guard(type, field);
  }
  return schema;
}

function guard(parent: GraphQLObjectType, field: Field): void {
  const [need] = impliedNeed(parent, field) ?? [];
  if (!need) return;
  const { scope, otherwise } = need;
  const { resolve = defaultFieldResolver } = field;
  const guarded: Record<Need['otherwise'], GraphQLFieldResolver<unknown, Context>> = {
    REFUSED: (row, args, context, info) => {
      requireScope(context.caller.scopes, scope);
      return resolve(row, args, context, info);
    },
    IDS_ONLY: (row, args, context, info) => {
      const { fieldNodes, fragments } = info;
      const sets = fieldNodes.flatMap(({ selectionSet }) => selectionSet ?? []);
      if (!sets.every((set) => selectsIds(set, fragments))) requireScope(context.caller.scopes, scope);
      return resolve(row, args, context, info);
    },
    NULL: async (row, args, context, info) => {
      const value: unknown = await resolve(row, args, context, info);
      if (value != null) requireScope(context.caller.scopes, scope);
      return value;
    },
  };
  field.resolve = guarded[otherwise];
}

type Fragments = Readonly<Record<string, FragmentDefinitionNode | undefined>>;

const idFields: ReadonlySet<string> = new Set(['__typename', 'databaseId', 'id']);

/** Whether a selection asks for the ids of an object alone. */
export function selectsIds(set: SelectionSetNode, fragments: Fragments, seen = new Set<string>()): boolean {
  return set.selections.every((selection) => {
    if (selection.kind === Kind.FIELD) return idFields.has(selection.name.value);
    if (selection.kind === Kind.INLINE_FRAGMENT) return selectsIds(selection.selectionSet, fragments, seen);
    const name = selection.name.value;
    const fragment = fragments[name];
    if (!fragment || seen.has(name)) return true;
    return selectsIds(fragment.selectionSet, fragments, seen.add(name));
  });
}

/** Whether a key with these scopes has what a field needs. */
export const meets = (held: ReadonlySet<Scope>, { scopes }: Need): boolean =>
  scopes.some((scope) => holds(held, scope));

/** Checks the scopes of the field that an operation asks for first, before anything of it runs. @throws FORBIDDEN */
export function requireScopesOf(schema: GraphQLSchema, document: DocumentNode, held: ReadonlySet<Scope>): void {
  const operation = getOperationAST(document);
  const root = operation && schema.getRootType(operation.operation);
  const [selection] = operation?.selectionSet.selections ?? [];
  const field = root && selection?.kind === Kind.FIELD ? root.getFields()[selection.name.value] : undefined;
  if (!root || !field) return;
  for (const { scopes, otherwise } of needsOf(root, field)) {
    const [scope, ...others] = scopes;
    if (scope && otherwise === 'REFUSED') requireScope(held, scope, ...others);
  }
}
