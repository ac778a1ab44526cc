import {
  type DocumentNode,
  type ExecutionArgs,
  type ExecutionResult,
  GraphQLBoolean,
  GraphQLError,
  type GraphQLInputType,
  GraphQLScalarType,
  type GraphQLSchema,
  Kind,
  type NamedTypeNode,
  type OperationDefinitionNode,
  type SourceLocation,
  TypeInfo,
  type TypeNode,
  type ValueNode,
  type VariableDefinitionNode,
  valueFromAST,
  visit,
  visitWithTypeInfo,
} from 'graphql';
import { compileQuery, isCompiledQuery } from 'graphql-jit';

/**
 * Runs an operation with coerced variables. Returns undefined when an argument is invalid; graphql-js must then run the
 * operation and report the error.
 */
export type CompiledOperation = (
  args: ExecutionArgs,
  variables: Record<string, unknown>,
) => ExecutionResult | Promise<ExecutionResult> | undefined;

/**
 * The operation compiled to a function; undefined when it cannot be compiled.
 *
 * graphql-jit must not handle input values, for four reasons. It writes literals into the code it generates, so a
 * crafted string could become code. It treats a variable that is left out within an object as null. It treats the
 * default of a date as a string. And a recursive input type, such as a filter, overflows its stack after seconds. So
 * every argument of the compiled document is a variable of one type that accepts any value, and graphql-js reads the
 * values.
 */
export function compileOperation(
  schema: GraphQLSchema,
  document: DocumentNode,
  operation: OperationDefinitionNode,
): CompiledOperation | undefined {
  const { rewritten, literals } = withoutValues(schema, document, operation);
  const compiled = compileQuery(withAnything(schema), rewritten, operation.name?.value, {
    disablingCapturingStackErrors: true,
    useExperimentalPathBasedSkipInclude: true,
  });
  if (!isCompiledQuery(compiled)) return undefined;
  return ({ rootValue, contextValue }, variables) => {
    const values = literals.length === 0 ? variables : { ...variables };
    for (const { name, node, type } of literals) {
      const value = valueFromAST(node, type, variables);
      if (value === undefined) return undefined;
      values[name] = value;
    }
    const result: ExecutionResult | Promise<ExecutionResult> = compiled.query(rootValue, contextValue, values);
    return 'then' in result ? result.then((settled) => withPlaces(settled, document)) : withPlaces(result, document);
  };
}

/** The result with errors as graphql-js creates them. Errors of the compiled code have only a line and a column. */
function withPlaces(result: ExecutionResult, { loc }: DocumentNode): ExecutionResult {
  if (!result.errors || !loc) return result;
  const errors = result.errors.map(({ message, locations, path, originalError }) => {
    const positions = locations?.map((location) => positionOf(loc.source.body, location)) ?? null;
    return new GraphQLError(message, { source: loc.source, positions, path, originalError });
  });
  // graphql-js puts the errors first.
  return { errors, data: result.data ?? null };
}

/** The offset in the text of a line and column, which count from 1. */
function positionOf(text: string, location: SourceLocation): number {
  let { line } = location;
  let start = 0;
  for (const { index, 0: end } of text.matchAll(/\r\n|[\n\r]/g)) {
    if (line === 1) break;
    line -= 1;
    start = index + end.length;
  }
  return start + location.column - 1;
}

/** The value of an argument that is not itself a variable. It may contain variables. */
interface Literal {
  /** The variable that replaces it. */
  name: string;
  node: ValueNode;
  type: GraphQLInputType;
}

function withoutValues(schema: GraphQLSchema, document: DocumentNode, operation: OperationDefinitionNode) {
  const definitions = operation.variableDefinitions ?? [];
  const prefix = freePrefix(definitions.map(({ variable }) => variable.name.value));
  const literals: Literal[] = [];
  const typeInfo = new TypeInfo(schema);
  const own = document.definitions.filter(
    (definition) => definition.kind === Kind.FRAGMENT_DEFINITION || definition === operation,
  );
  const visited: DocumentNode = visit(
    { ...document, definitions: own },
    visitWithTypeInfo(typeInfo, {
      VariableDefinition: () => false,
      Argument(node) {
        const type = typeInfo.getArgument()?.type;
        // The arguments of @skip and @include stay. They are Boolean, which validation has checked.
        if (!type || typeInfo.getDirective() || node.value.kind === Kind.VARIABLE) return undefined;
        const name = `${prefix}${literals.length}`;
        literals.push({ name, node: node.value, type });
        return { ...node, value: variableNode(name) };
      },
    }),
  );
  const variableDefinitions = [
    // graphql-jit checks the types of the variables that @skip and @include use, so Boolean variables keep their type.
    ...definitions.map((own) => (isBoolean(own.type) ? own : definitionOfAnything(own.variable.name.value))),
    ...literals.map(({ name }) => definitionOfAnything(name)),
  ];
  const rewritten: DocumentNode = {
    ...visited,
    definitions: visited.definitions.map((definition) =>
      definition.kind === Kind.OPERATION_DEFINITION ? { ...definition, variableDefinitions } : definition,
    ),
  };
  return { rewritten, literals };
}

/** A prefix with which no variable name of the client begins. */
function freePrefix(names: readonly string[]): string {
  let prefix = 'literal';
  while (names.some((name) => name.startsWith(prefix))) prefix += '_';
  return prefix;
}

const variableNode = (name: string) => ({ kind: Kind.VARIABLE, name: { kind: Kind.NAME, value: name } }) as const;

/** A scalar that accepts any value. Only the compiler sees it. */
const anything = new GraphQLScalarType({ name: 'Anything' });

const definitionOfAnything = (name: string): VariableDefinitionNode => ({
  kind: Kind.VARIABLE_DEFINITION,
  variable: variableNode(name),
  type: { kind: Kind.NAMED_TYPE, name: { kind: Kind.NAME, value: anything.name } } satisfies NamedTypeNode,
});

const isBoolean = (type: TypeNode): boolean =>
  type.kind === Kind.NON_NULL_TYPE
    ? isBoolean(type.type)
    : type.kind === Kind.NAMED_TYPE && type.name.value === GraphQLBoolean.name;

/** The schema with the additional scalar, which only look-ups by name find. */
const withAnything = (schema: GraphQLSchema): GraphQLSchema =>
  Object.assign(Object.create(schema) as GraphQLSchema, {
    getType: (name: string) => (name === anything.name ? anything : schema.getType(name)),
  });
