import { type DocumentNode, type ExecutionArgs, Kind, type OperationDefinitionNode, visit } from 'graphql';
import type { Caller } from '../../../auth/caller.js';

/**
 * Identifies subscriptions that get the same answer to an event: by the caller, the scopes, the document and the
 * variables. The position where a subscription begins is left out.
 */
export function signatureOf(
  { document, operationName, variableValues }: ExecutionArgs,
  operation: OperationDefinitionNode,
  { workspaceId, keyId, actorId, scopes }: Caller,
): string {
  const { [placeVariable(document, operation) ?? '']: _after, ...variables } = variableValues ?? {};
  const asked = [numberOf(document), operationName ?? null, variables];
  return JSON.stringify([workspaceId, keyId, actorId, [...scopes].sort(), ...asked]);
}

const numbers = new WeakMap<DocumentNode, number>();
let last = 0;

/** Documents are cached by their text, so equal documents are the same object. */
function numberOf(document: DocumentNode): number {
  let number = numbers.get(document);
  if (number === undefined) {
    last += 1;
    number = last;
    numbers.set(document, number);
  }
  return number;
}

const placeVariables = new WeakMap<OperationDefinitionNode, string | undefined>();

/** The variable that is used only for the position where the subscription begins. */
function placeVariable(document: DocumentNode, operation: OperationDefinitionNode): string | undefined {
  if (placeVariables.has(operation)) return placeVariables.get(operation);
  const [root] = operation.selectionSet.selections;
  const after = root?.kind === Kind.FIELD && root.arguments?.find(({ name }) => name.value === 'after');
  let variable = after && after.value.kind === Kind.VARIABLE ? after.value.name.value : undefined;
  let uses = 0;
  visit(document, {
    VariableDefinition: () => false,
    Variable({ name }) {
      if (name.value === variable) uses += 1;
    },
  });
  if (uses !== 1) variable = undefined;
  placeVariables.set(operation, variable);
  return variable;
}
