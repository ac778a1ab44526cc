import {
  coerceInputValue,
  type DocumentNode,
  type ExecutionArgs,
  GraphQLError,
  type GraphQLType,
  isEnumType,
  isInputObjectType,
  isInputType,
  isListType,
  isNonNullType,
  type OperationDefinitionNode,
  typeFromAST,
  type VariableDefinitionNode,
  valueFromAST,
  visit,
} from 'graphql';
import type { ErrorCode } from '../../errors.js';
import { argumentPath } from './argument-path.js';

const maxShownLength = 100;
const maxErrors = 20;
/** As many as the largest batches fill, with room; reading so many takes some 30 ms. */
const maxInputs = 20_000;
/** More than the longest name of the schema, mistyped. */
export const maxNameLength = 200;

/**
 * The variables of a request as resolvers get them, or what is wrong with them: at most the first 20 errors, each with
 * the place of the value in `extensions.argument`, such as "filter.status.eq". The executors each word it in their own
 * way, and neither says where. How much there is to read is counted before anything is read.
 */
export function readVariables(
  { schema, document, variableValues }: ExecutionArgs,
  { variableDefinitions = [] }: OperationDefinitionNode,
): { coerced: Record<string, unknown> } | { errors: GraphQLError[] } {
  const inputs = variableValues ?? {};
  const budget = { left: maxInputs };
  const coerced: Record<string, unknown> = Object.create(null);
  const errors: GraphQLError[] = [];
  const readOne = (definition: VariableDefinitionNode): void => {
    const name = definition.variable.name.value;
    const type = typeFromAST(schema, definition.type);
    if (!isInputType(type)) return;
    const refuse = (message: string, path: readonly (string | number)[] = []) => {
      errors.push(refusal(document, definition, path, message));
      if (errors.length === maxErrors) throw enough;
    };
    const value = inputs[name];
    if (!Object.hasOwn(inputs, name)) {
      if (definition.defaultValue) coerced[name] = valueFromAST(definition.defaultValue, type);
      else if (isNonNullType(type)) refuse(`of required type "${type}" was not provided.`);
    } else if (value === null && isNonNullType(type)) {
      refuse(`of non-null type "${type}" must not be null.`);
    } else {
      const excess = excessOf(value, type, budget);
      if (excess !== undefined) {
        refuse(excess);
        throw enough;
      }
      coerced[name] = coerceInputValue(value, type, (path, part, error) => {
        const place = path.length > 0 ? ` at "${[name, ...path].join('.')}"` : '';
        refuse(`got invalid value ${shown(part)}${place}; ${reason(error)}`, path);
      });
    }
  };
  try {
    for (const definition of variableDefinitions) readOne(definition);
  } catch (error) {
    if (error !== enough) throw error;
  }
  return errors.length > 0 ? { errors } : { coerced };
}

/** Ends the reading. */
const enough = new Error('No more errors are told.');

/**
 * What of a value is too much to be read; an input object costs the budget as much as its type has fields, whichever are
 * given. Long names cost time because they are compared with all that could have been meant.
 */
function excessOf(value: unknown, type: GraphQLType | undefined, budget: { left: number }): string | undefined {
  if (value == null || !type) return undefined;
  if (isNonNullType(type)) return excessOf(value, type.ofType, budget);
  if (isEnumType(type)) return typeof value === 'string' ? excessOfName(value) : undefined;
  if (isListType(type)) {
    const elements: readonly unknown[] = Array.isArray(value) ? value : [value];
    return spend(budget, elements.length) ?? firstOf(elements, (element) => excessOf(element, type.ofType, budget));
  }
  if (!isInputObjectType(type) || typeof value !== 'object') return undefined;
  const fields = type.getFields();
  const cost = Math.max(Object.keys(fields).length, Object.keys(value).length);
  const ofMember = ([name, member]: [string, unknown]) =>
    excessOfName(name) ?? excessOf(member, fields[name]?.type, budget);
  return spend(budget, cost) ?? firstOf(Object.entries(value), ofMember);
}

function spend(budget: { left: number }, cost: number): string | undefined {
  budget.left -= cost;
  return budget.left < 0 ? `fills more than ${maxInputs} fields of input objects and places of lists.` : undefined;
}

const excessOfName = (name: string): string | undefined =>
  name.length > maxNameLength ? `holds a name of more than ${maxNameLength} characters.` : undefined;

function firstOf<Value>(values: readonly Value[], excessIn: (value: Value) => string | undefined): string | undefined {
  for (const value of values) {
    const excess = excessIn(value);
    if (excess !== undefined) return excess;
  }
  return undefined;
}

function refusal(
  document: DocumentNode,
  definition: VariableDefinitionNode,
  path: readonly (string | number)[],
  message: string,
): GraphQLError {
  const name = definition.variable.name.value;
  const argument = [usePath(document, name) ?? name, ...path].join('.');
  return new GraphQLError(`Variable "$${name}" ${message}`, {
    nodes: definition,
    // `spec`: 200 for clients that accept application/json alone, as GraphQL over HTTP has it.
    extensions: { code: 'BAD_USER_INPUT' satisfies ErrorCode, argument, http: { status: 400, spec: true } },
  });
}

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
  return text.length > maxShownLength ? `${text.slice(0, maxShownLength)}…` : text;
}

/** The scalar's own words, which repeat the value. */
const reason = ({ message }: GraphQLError): string =>
  message.length > 2 * maxShownLength ? 'It cannot be read as this type.' : message;
