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
 * Scopes are declared on types, and on the few fields that show data of another type. Every field that returns a type
 * checks the scope of that type. The fields within the type are not checked, so a page of rows costs nothing extra.
 *
 * The type scopes of the auth plugin are not used: they would check each field of each object, or, with
 * `runScopesOnType`, check in `isTypeOf` with promises, which graphql-jit treats as true.
 */

declare module 'graphql' {
  interface GraphQLObjectTypeExtensions<_TSource, _TContext> {
    /** The scope that a key needs to see objects of the type; absent for none. */
    scope?: Scope;
    /** True for mutation payloads. For an object that the key may not see, a payload shows only its ids. */
    isPayload?: true;
  }
  interface GraphQLFieldExtensions<_TSource, _TContext, _TArgs> {
    /** The scope that a key needs for the field, if it is not that of the field's type. */
    scope?: Scope;
    /** True if the field is null, instead of an error, when the key may not see its value. */
    isNullWhenHidden?: true;
    /** The options as the builder stores them. */
    pothosOptions?: { authScopes?: Declared };
  }
}

/** The scopes of a field that the auth plugin checks. */
interface Declared {
  scope?: Scope | readonly Scope[];
  revenue?: Scope | readonly Scope[];
  analytics?: Scope;
}

/** Option of a type or field: a key needs this scope to see it. */
export const scoped = (scope: Scope) => ({ extensions: { scope } });

/**
 * Option of a field whose resolver returns null for what the key may not see. The scope is that of the field's type, or
 * the given one.
 */
export const nullWhenHidden = (scope?: Scope) =>
  ({ extensions: { isNullWhenHidden: true, ...(scope && { scope }) } }) as const;

type Field = GraphQLField<unknown, Context>;

/** The scopes that a field needs, in addition to that of its parent type. */
export interface Need {
  /** One of these is enough. */
  scopes: readonly Scope[];
  /** What happens when the key has none of them: an error; an error unless only ids are selected; or null. */
  otherwise: 'REFUSED' | 'IDS_ONLY' | 'NULL';
}

/** The scope of a type: its own, or for a connection that of its rows. */
export function scopeOf(type: GraphQLOutputType): Scope | undefined {
  const named = getNamedType(type);
  if (!isObjectType(named)) return undefined;
  const { nodes, node, pageInfo, cursor } = named.getFields();
  if (nodes && pageInfo) return scopeOf(nodes.type);
  if (node && cursor) return scopeOf(node.type);
  return named.extensions.scope;
}

/** All needs of a field in addition to the scope of its parent. */
export function needsOf(parent: GraphQLObjectType, field: Field): readonly Need[] {
  const declared = declaredScopes(field);
  const implied = impliedNeed(parent, field);
  return [...(declared.length > 0 ? [{ scopes: declared, otherwise: 'REFUSED' } as const] : []), ...(implied ?? [])];
}

/**
 * The need from the field's own scope or that of its type. None when the parent type or the auth plugin already checks
 * it.
 */
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

/** The scopes that the auth plugin checks. One of them is enough. */
function declaredScopes({ extensions }: Field): readonly Scope[] {
  const { scope, revenue, analytics } = extensions.pothosOptions?.authScopes ?? {};
  return [scope, revenue, analytics].flatMap((one) => one ?? []);
}

/** Makes every field that returns a type with a scope check it. */
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

/** Whether a selection contains only the ids of an object. */
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

/** Whether these scopes satisfy a need. */
export const meets = (held: ReadonlySet<Scope>, { scopes }: Need): boolean =>
  scopes.some((scope) => holds(held, scope));

/** Checks the scopes of the first field of an operation, before execution. @throws FORBIDDEN */
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
