import {
  type DocumentNode,
  type ExecutionArgs,
  GraphQLError,
  type GraphQLNamedType,
  type GraphQLSchema,
  getNamedType,
  getOperationAST,
  isObjectType,
  Kind,
  type OperationDefinitionNode,
  type SelectionSetNode,
} from 'graphql';
import type { Plugin } from 'graphql-yoga';
import { allScopes, type Scope } from '../../auth/scopes.js';
import type { Context } from '../../context.js';
import type { ErrorCode } from '../../errors.js';
import { meets, needsOf, selectsIds } from '../schema/scopes.js';

/** A field of a payload that a key may not see. */
interface Hidden {
  scope: Scope;
  path: readonly string[];
}

const maxRemembered = 50;

/**
 * Refuses a mutation before execution if its payload selects fields that the key may not see. The fields check this
 * themselves too, but only after the mutation has been committed. @skip and @include are ignored: every field counts.
 */
export function refuseHiddenAnswers(): Plugin<Context> {
  const remembered = new WeakMap<OperationDefinitionNode, Map<string, Hidden | undefined>>();

  const hiddenFrom = ({ schema, document, operationName }: ExecutionArgs, scopes: Scopes): Hidden | undefined => {
    const operation = getOperationAST(document, operationName);
    if (operation?.operation !== 'mutation' || scopes.size === allScopes.length) return undefined;
    const known = remembered.get(operation) ?? new Map<string, Hidden | undefined>();
    remembered.set(operation, known);
    const key = [...scopes].sort().join();
    if (known.has(key)) return known.get(key);
    const found = findHidden(schema, document, operation, scopes);
    if (known.size < maxRemembered) known.set(key, found);
    return found;
  };

  return {
    onExecute({ args, context, setResultAndStopExecution }) {
      const hidden = hiddenFrom(args, context.caller.scopes);
      if (!hidden) return;
      const { scope, path } = hidden;
      const extensions = { code: 'FORBIDDEN' satisfies ErrorCode, requiredScope: scope };
      const error = new GraphQLError(`This key lacks the scope ${scope}.`, { path, extensions });
      setResultAndStopExecution({ errors: [error], data: null });
    },
  };
}

type Scopes = ReadonlySet<Scope>;

function findHidden(
  schema: GraphQLSchema,
  { definitions }: DocumentNode,
  operation: OperationDefinitionNode,
  scopes: Scopes,
): Hidden | undefined {
  const fragments = Object.fromEntries(
    definitions.flatMap((one) => (one.kind === Kind.FRAGMENT_DEFINITION ? [[one.name.value, one] as const] : [])),
  );
  // A fragment has one type, so its hidden fields are the same wherever it is spread.
  const seen = new Set<string>();

  const inSet = (
    set: SelectionSetNode,
    type: GraphQLNamedType | undefined,
    path: readonly string[],
  ): Hidden | undefined => {
    for (const selection of set.selections) {
      const found =
        selection.kind === Kind.FIELD
          ? inField(selection.name.value, selection.alias?.value, selection.selectionSet, type, path)
          : selection.kind === Kind.INLINE_FRAGMENT
            ? inSet(selection.selectionSet, typeNamed(selection.typeCondition?.name.value) ?? type, path)
            : inFragment(selection.name.value, path);
      if (found) return found;
    }
    return undefined;
  };

  const inField = (
    name: string,
    alias: string | undefined,
    set: SelectionSetNode | undefined,
    parent: GraphQLNamedType | undefined,
    path: readonly string[],
  ): Hidden | undefined => {
    const field = isObjectType(parent) ? parent.getFields()[name] : undefined;
    if (!field || !isObjectType(parent)) return undefined;
    const here = [...path, alias ?? name];
    const [need] = needsOf(parent, field).filter((one) => !meets(scopes, one));
    if (need) {
      // A mutation that the key may not call at all reports that itself.
      if (parent === schema.getMutationType() || need.otherwise === 'NULL') return undefined;
      if (need.otherwise === 'IDS_ONLY' && set && selectsIds(set, fragments)) return undefined;
      const [scope] = need.scopes;
      return scope && { scope, path: here };
    }
    return set && inSet(set, getNamedType(field.type), here);
  };

  const inFragment = (name: string, path: readonly string[]): Hidden | undefined => {
    const fragment = fragments[name];
    if (!fragment || seen.has(name)) return undefined;
    seen.add(name);
    return inSet(fragment.selectionSet, typeNamed(fragment.typeCondition.name.value), path);
  };

  const typeNamed = (name: string | undefined) => (name === undefined ? undefined : schema.getType(name));

  return inSet(operation.selectionSet, schema.getMutationType() ?? undefined, []);
}
