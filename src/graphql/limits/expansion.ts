import { type DocumentNode, Kind, type OperationDefinitionNode, type SelectionSetNode } from 'graphql';

/**
 * The number of fields that an operation selects after its fragments are expanded. If each fragment spreads the next
 * one twice, the number doubles with every level, so a short document can select more fields than fit into memory.
 */
export function countFields(document: DocumentNode, operation: OperationDefinitionNode): number {
  const fragments = new Map<string, SelectionSetNode>();
  for (const definition of document.definitions) {
    if (definition.kind === Kind.FRAGMENT_DEFINITION) fragments.set(definition.name.value, definition.selectionSet);
  }
  const counted = new Map<string, number>();
  const ofFragment = (name: string): number => {
    let count = counted.get(name);
    if (count === undefined) {
      // Validation refuses cycles. The zero stops the recursion if one still gets here.
      counted.set(name, 0);
      count = countOf(fragments.get(name));
      counted.set(name, count);
    }
    return count;
  };
  const countOf = (set: SelectionSetNode | undefined): number =>
    (set?.selections ?? []).reduce((sum, selection) => {
      if (selection.kind === Kind.FRAGMENT_SPREAD) return sum + ofFragment(selection.name.value);
      return sum + countOf(selection.selectionSet) + (selection.kind === Kind.FIELD ? 1 : 0);
    }, 0);
  return countOf(operation.selectionSet);
}
