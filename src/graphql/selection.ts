import { type FieldNode, type GraphQLResolveInfo, isObjectType, type SelectionSetNode } from 'graphql';
import type { Selection } from '../db/keyset.js';

/**
 * What a list has to read for the fields that are selected below it. A field that exposes a column says so by
 * itself; one that computes declares its columns with `reads`; for any other, the whole row is read.
 */

/** Declares the columns that a field's resolver reads of its row. */
export const reads = (...columns: string[]) => ({ extensions: { columns } });

/** Where the rows of a connection stand below it. */
export const nodePaths: readonly Path[] = [['nodes'], ['edges', 'node']];

type Path = readonly string[];

/** The fields that stand for related rows, by name: the relation of the list, and the type of its rows. */
export type Relations = Readonly<Record<string, { relation: string; type: string }>>;

/**
 * The selection of the rows at `paths` below the field that is being resolved. Conditions (@skip, @include) count as
 * met: reading too much is right, only slower.
 */
export function selectionBelow(
  info: GraphQLResolveInfo,
  type: string,
  paths: readonly Path[],
  relations: Relations = {},
): Selection {
  const { fieldNodes } = info;
  const known = remembered.get(fieldNodes[0] as FieldNode) ?? [];
  const found = known.find(
    ({ nodes }) => nodes.length === fieldNodes.length && nodes.every((node, i) => node === fieldNodes[i]),
  );
  if (found) return found.selection;
  const fields = paths.flatMap((path) => fieldsAt(info, fieldNodes, path));
  const selection = selectionOf(info, type, fields, relations);
  remembered.set(fieldNodes[0] as FieldNode, [...known, { nodes: fieldNodes, selection }]);
  return selection;
}

// Documents are cached by their text, so the same nodes come back with every request of the same operation. A node
// within a fragment can stand for the field alone in one place and together with others in the next.
const remembered = new WeakMap<FieldNode, readonly { nodes: readonly FieldNode[]; selection: Selection }[]>();

function selectionOf(
  info: GraphQLResolveInfo,
  typeName: string,
  fields: readonly FieldNode[],
  relations: Relations,
): Selection {
  const type = info.schema.getType(typeName);
  const definitions = isObjectType(type) ? type.getFields() : {};
  const related: Record<string, Selection> = {};
  let columns: string[] | undefined = [];
  for (const field of fields) {
    const name = field.name.value;
    const relation = relations[name];
    if (relation) {
      const selection = selectionOf(info, relation.type, fieldsAt(info, [field], []), {});
      related[relation.relation] = merge(related[relation.relation], selection);
    } else if (name !== '__typename') {
      const wanted = columnsOf(definitions[name]?.extensions ?? {});
      columns = wanted && columns?.concat(wanted);
    }
  }
  return { ...(columns && { columns: [...new Set(columns)].sort() }), related };
}

/** Both together: all columns when either wants all. */
const merge = (one: Selection | undefined, other: Selection): Selection => {
  if (!one) return other;
  if (!one.columns || !other.columns) return {};
  return { columns: [...new Set([...one.columns, ...other.columns])].sort() };
};

/** The columns a field reads; undefined when it does not say. */
function columnsOf(extensions: { columns?: string[]; pothosExposedField?: string }): string[] | undefined {
  const { columns, pothosExposedField } = extensions;
  return columns ?? (pothosExposedField === undefined ? undefined : [pothosExposedField]);
}

/** The fields that stand at a path below the given ones, whatever fragments they stand in. */
function fieldsAt(info: GraphQLResolveInfo, fields: readonly FieldNode[], path: Path): FieldNode[] {
  const children = fields.flatMap((field) => fieldsIn(info, field.selectionSet));
  const [next, ...rest] = path;
  if (next === undefined) return children;
  return fieldsAt(
    info,
    children.filter((child) => child.name.value === next),
    rest,
  );
}

/** The fields of a selection set; each fragment counts once, however often it is spread. */
function fieldsIn(
  info: GraphQLResolveInfo,
  set: SelectionSetNode | undefined,
  visited: Set<string> = new Set(),
): FieldNode[] {
  return (set?.selections ?? []).flatMap((selection) => {
    if (selection.kind === 'Field') return [selection];
    if (selection.kind === 'InlineFragment') return fieldsIn(info, selection.selectionSet, visited);
    const name = selection.name.value;
    if (visited.has(name)) return [];
    visited.add(name);
    return fieldsIn(info, info.fragments[name]?.selectionSet, visited);
  });
}
