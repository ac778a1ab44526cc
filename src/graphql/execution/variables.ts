import {
  coerceInputValue,
  type DocumentNode,
  type ExecutionArgs,
  GraphQLError,
  isInputType,
  isNonNullType,
  type OperationDefinitionNode,
  typeFromAST,
  type VariableDefinitionNode,
  visit,
} from 'graphql';
import type { ErrorCode } from '../../errors.js';
import { argumentPath } from './argument-path.js';

const maxShownLength = 100;
const maxErrors = 20;

/**
 * What is wrong with the variables of a request, each with the place of the value in `extensions.argument`, such as
 * "filter.status.eq". The executors each word it in their own way, and neither says where.
 */
export function variableErrors(
  { schema, document, variableValues }: ExecutionArgs,
  operation: OperationDefinitionNode,
): GraphQLError[] {
  const definitions = operation.variableDefinitions ?? [];
  const inputs = variableValues ?? {};
  const all = definitions.flatMap((definition) => {
    const name = definition.variable.name.value;
    const type = typeFromAST(schema, definition.type as never);
    if (!isInputType(type)) return [];
    const errors: GraphQLError[] = [];
    const refuse = (message: string, path: readonly (string | number)[] = []) => {
      if (errors.length < maxErrors) errors.push(refusal(document, definition, path, message));
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
    return errors;
  });
  return all.slice(0, maxErrors);
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
  const text = JSON.stringify(value) ?? String(value);
  return text.length > maxShownLength ? `${text.slice(0, maxShownLength)}…` : text;
}

/** The scalar's own words, which repeat the value. */
const reason = ({ message }: GraphQLError): string =>
  message.length > 2 * maxShownLength ? 'It cannot be read as this type.' : message;
