import {
  type ASTNode,
  coerceInputValue,
  type DocumentNode,
  type ExecutionArgs,
  GraphQLError,
  type GraphQLType,
  getVariableValues,
  isInputObjectType,
  isInputType,
  isListType,
  isNonNullType,
  type OperationDefinitionNode,
  typeFromAST,
  type VariableDefinitionNode,
  visit,
} from 'graphql';
import type { ErrorCode } from '../errors.js';
import { argumentPath } from './argument-path.js';

const maxShownLength = 100;
const maxErrors = 20;
/** As many as the largest batches fill, with room; filling so many takes some 30 ms. */
const maxInputs = 20_000;

/**
 * The variables of a request as resolvers get them, or what is wrong with them. How much there is to fill is counted
 * before anything is filled: an input object with a member costs as much as its type has fields.
 */
export function readVariables(
  args: ExecutionArgs,
  operation: OperationDefinitionNode,
): { coerced: Record<string, unknown> } | { errors: GraphQLError[] } {
  const definitions = operation.variableDefinitions ?? [];
  const inputs = args.variableValues ?? {};
  const budget = { left: maxInputs };
  for (const { variable, type } of definitions) {
    if (!fits(inputs[variable.name.value], typeFromAST(args.schema, type), budget)) {
      const message = `Variables fill at most ${maxInputs} fields of input objects and places of lists.`;
      return { errors: [badVariables(message, variable.name.value, { nodes: variable })] };
    }
  }
  const { coerced } = getVariableValues(args.schema, definitions, inputs, { maxErrors: 0 });
  return coerced ? { coerced } : { errors: variableErrors(args, operation) };
}

/** Takes what a value fills from the budget; false when it is overdrawn. */
function fits(value: unknown, type: GraphQLType | undefined, budget: { left: number }): boolean {
  if (value == null || !type) return true;
  if (isNonNullType(type)) return fits(value, type.ofType, budget);
  if (isListType(type)) {
    const elements: readonly unknown[] = Array.isArray(value) ? value : [value];
    budget.left -= elements.length;
    return budget.left >= 0 && elements.every((element) => fits(element, type.ofType, budget));
  }
  if (!isInputObjectType(type) || typeof value !== 'object') return true;
  const fields = type.getFields();
  budget.left -= Object.keys(fields).length;
  return budget.left >= 0 && Object.entries(value).every(([name, member]) => fits(member, fields[name]?.type, budget));
}

/** Ends a coercion. */
const enough = new Error('No more errors are told.');

/**
 * What is wrong with the variables of a request, at most the first 20, each with the place of the value in
 * `extensions.argument`, such as "filter.status.eq". The executors each word it in their own way, and neither says where.
 */
function variableErrors(
  { schema, document, variableValues }: ExecutionArgs,
  operation: OperationDefinitionNode,
): GraphQLError[] {
  const inputs = variableValues ?? {};
  const errors: GraphQLError[] = [];
  const readOne = (definition: VariableDefinitionNode): void => {
    const name = definition.variable.name.value;
    const type = typeFromAST(schema, definition.type);
    if (!isInputType(type)) return;
    const refuse = (message: string, path: readonly (string | number)[] = []) => {
      errors.push(refusal(document, definition, path, message));
      if (errors.length === maxErrors) throw enough;
    };
    if (!Object.hasOwn(inputs, name)) {
      if (isNonNullType(type) && !definition.defaultValue) refuse(`of required type "${type}" was not provided.`);
    } else if (inputs[name] === null && isNonNullType(type)) {
      refuse(`of non-null type "${type}" must not be null.`);
    } else {
      coerceInputValue(inputs[name], type, (path, value, error) => {
        const place = path.length > 0 ? ` at "${[name, ...path].join('.')}"` : '';
        refuse(`got invalid value ${shown(value)}${place}; ${reason(error)}`, path);
      });
    }
  };
  try {
    for (const definition of operation.variableDefinitions ?? []) readOne(definition);
  } catch (error) {
    if (error !== enough) throw error;
  }
  return errors;
}

function refusal(
  document: DocumentNode,
  definition: VariableDefinitionNode,
  path: readonly (string | number)[],
  message: string,
): GraphQLError {
  const name = definition.variable.name.value;
  const argument = [usePath(document, name) ?? name, ...path].join('.');
  return badVariables(`Variable "$${name}" ${message}`, argument, { nodes: definition });
}

const badVariables = (message: string, argument: string, place: { nodes: ASTNode }): GraphQLError =>
  new GraphQLError(message, {
    ...place,
    // `spec`: 200 for clients that accept application/json alone, as GraphQL over HTTP has it.
    extensions: { code: 'BAD_USER_INPUT' satisfies ErrorCode, argument, http: { status: 400, spec: true } },
  });

/** Where the variable is used first, such as "filter.status". */
function usePath(document: DocumentNode, name: string): string | undefined {
  let path: string | undefined;
  visit(document, {
    VariableDefinition: () => false,
    Variable(node) {
      if (node.name.value === name) path ??= argumentPath(document, node);
    },
  });
  return path;
}

/** A value as the message shows it, so that a megabyte that was sent does not come back. */
function shown(value: unknown): string {
  if (typeof value === 'object' && value !== null) return Array.isArray(value) ? '[…]' : '{…}';
  const text = typeof value === 'string' ? JSON.stringify(value.slice(0, maxShownLength)) : String(value);
  return typeof value === 'string' && value.length > maxShownLength ? `${text}…` : text;
}

/** The scalar's own words, which repeat the value. */
const reason = ({ message }: GraphQLError): string =>
  message.length > 2 * maxShownLength ? 'It cannot be read as this type.' : message;
