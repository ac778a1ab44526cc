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
import { maxConditions } from '../../db/lists/filter.js';
import type { ErrorCode } from '../../errors.js';
import { maxNameLength } from '../limits/document.js';
import { argumentPath } from './argument-path.js';

const maxShownLength = 100;
const maxErrors = 20;
/** Enough for the largest batches. Reading this many values takes about 30 ms. */
const maxInputs = 20_000;

/**
 * The variables of a request as resolvers get them, or the errors in them: at most the first 20, each with the path of
 * the value in `extensions.argument`, such as "filter.status.eq". The two executors word such errors differently, and
 * neither tells the path, so this reads the variables itself. It checks their number before it reads any.
 */
export function readVariables(
  { schema, document, variableValues }: ExecutionArgs,
  { variableDefinitions = [] }: OperationDefinitionNode,
): { coerced: Record<string, unknown> } | { errors: GraphQLError[] } {
  const inputs = variableValues ?? {};
  let left = maxInputs;
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
      const budget = { inputs: left, conditions: maxConditions };
      requireModerate(value, type, [], budget, (message, path) => {
        refuse(message, path);
        throw enough;
      });
      left = budget.inputs;
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

/** Thrown to stop reading after the last error that is reported. */
const enough = new Error('No more errors are told.');

/** How many more values a variable may contain. */
interface InputBudget {
  inputs: number;
  /** The limit for filters. */
  conditions: number;
}

/**
 * Walks through a value and refuses it as soon as it exceeds the budget. An input object costs as much as its type has
 * fields, because all of them are read. Long names are refused because each is compared with all names that could have
 * been meant.
 */
function requireModerate(
  value: unknown,
  type: GraphQLType | undefined,
  path: readonly (string | number)[],
  budget: InputBudget,
  refuse: (message: string, path: readonly (string | number)[]) => never,
): void {
  if (value == null || !type) return;
  const spend = (cost: number): void => {
    budget.inputs -= cost;
    if (budget.inputs < 0) refuse(`fills more than ${maxInputs} fields of input objects and places of lists.`, path);
  };
  const requireShort = (name: string): void => {
    if (name.length > maxNameLength) refuse(`holds a name of more than ${maxNameLength} characters.`, path);
  };
  if (isNonNullType(type)) {
    requireModerate(value, type.ofType, path, budget, refuse);
  } else if (isEnumType(type)) {
    if (typeof value === 'string') requireShort(value);
  } else if (isListType(type)) {
    const elements: readonly unknown[] = Array.isArray(value) ? value : [value];
    spend(elements.length);
    for (const [index, element] of elements.entries()) {
      requireModerate(element, type.ofType, [...path, index], budget, refuse);
    }
  } else if (isInputObjectType(type) && typeof value === 'object') {
    const fields = type.getFields();
    spend(Math.max(Object.keys(fields).length, Object.keys(value).length));
    const isFilter = 'and' in fields && 'or' in fields;
    for (const [name, member] of Object.entries(value)) {
      requireShort(name);
      if (isFilter) budget.conditions -= 1;
      if (budget.conditions < 0) refuse(`has more than ${maxConditions} conditions.`, [...path, name]);
      requireModerate(member, fields[name]?.type, [...path, name], budget, refuse);
    }
  }
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
    // `spec`: status 200 for clients that accept only application/json, as GraphQL over HTTP requires.
    extensions: { code: 'BAD_USER_INPUT' satisfies ErrorCode, argument, http: { status: 400, spec: true } },
  });
}

/** The path where the variable is first used, such as "filter.status". */
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

/** A value as the error message shows it: cut, so that a megabyte of input is not sent back. */
function shown(value: unknown): string {
  if (typeof value === 'object' && value !== null) return Array.isArray(value) ? '[…]' : '{…}';
  const text = typeof value === 'string' ? JSON.stringify(value.slice(0, maxShownLength)) : String(value);
  return text.length > maxShownLength ? `${text.slice(0, maxShownLength)}…` : text;
}

/** The message of the scalar itself, which repeats the value. */
const reason = ({ message }: GraphQLError): string =>
  message.length > 2 * maxShownLength ? 'It cannot be read as this type.' : message;
