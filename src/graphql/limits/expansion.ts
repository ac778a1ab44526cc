import { type DocumentNode, Kind, type OperationDefinitionNode, type SelectionSetNode } from 'graphql';

/**
 * How many fields an operation selects once its fragments are written out. Fragments that each use another twice
 * double with every level, so a page of text can ask for more fields than there is memory.
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
      // Validation has refused circles; the zero ends one that came without it.
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
