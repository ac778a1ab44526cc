import type { FieldNode, GraphQLResolveInfo, SelectionSetNode } from 'graphql';

/**
 * The names of the fields that are selected below a field, along a path such as ["nodes"], whatever fragments they
 * stand in. Conditions (@skip, @include) count as met: the answer says what may be worth fetching along.
 */
export function selectedFields(info: GraphQLResolveInfo, ...paths: readonly (readonly string[])[]): ReadonlySet<string> {
  const key = info.fieldNodes[0];
  if (!key) return new Set();
  let selected = remembered.get(key);
  if (!selected) {
    selected = new Set(paths.flatMap((path) => namesBelow(info, info.fieldNodes, path)));
    remembered.set(key, selected);
  }
  return selected;
}

// Documents are cached by their text, so the same node comes back with every request of the same operation.
const remembered = new WeakMap<FieldNode, ReadonlySet<string>>();

function namesBelow(info: GraphQLResolveInfo, nodes: readonly FieldNode[], path: readonly string[]): string[] {
  const children = nodes.flatMap((node) => fieldsOf(info, node.selectionSet));
  const [next, ...rest] = path;
  if (next === undefined) return children.map((child) => child.name.value);
  return namesBelow(
    info,
    children.filter((child) => child.name.value === next),
    rest,
  );
}

function fieldsOf(info: GraphQLResolveInfo, set: SelectionSetNode | undefined): FieldNode[] {
  return (set?.selections ?? []).flatMap((selection) => {
    if (selection.kind === 'Field') return [selection];
    if (selection.kind === 'InlineFragment') return fieldsOf(info, selection.selectionSet);
    return fieldsOf(info, info.fragments[selection.name.value]?.selectionSet);
  });
}
