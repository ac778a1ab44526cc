import { queryFromInfo } from '@pothos/plugin-prisma';
import {
  type FieldNode,
  type GraphQLResolveInfo,
  getArgumentValues,
  isObjectType,
  Kind,
  type OperationDefinitionNode,
  print,
  type SelectionSetNode,
} from 'graphql';
import { maxPageSize, type Selection } from '../../db/lists/keyset.js';

/**
 * Determines which columns and relations a list must read for the fields selected below it, with the planning of the
 * Prisma plugin. The plugin plans with an empty context, so that it never mistakes a row of our statements for one of
 * its own.
 */

interface Select {
  [name: string]: boolean | { select?: Select };
}

/** Columns of deferred fragments are read together with the row, in one read. */
const plain = { context: {}, skipDeferredFragments: false };
const rowPaths = [['nodes'], ['edges', 'node']];

/** The selection of the Prisma plugin for the rows of the page that is being resolved. */
export const selectedInPage = (info: GraphQLResolveInfo, typeName: string): Selection =>
  remember(info, () => queryFromInfo({ ...plain, info, typeName, paths: rowPaths }));

/** The selection for the rows of search hits, with the columns of their highlights if these are requested. */
export const selectedInHits = (info: GraphQLResolveInfo, typeName: string, highlighted: readonly string[]): Selection =>
  remember(info, () => {
    const { select = { id: true } }: { select?: Select } = queryFromInfo({
      ...plain,
      info,
      typeName,
      paths: [['node']],
    });
    const below = (node: FieldNode) => fieldsAt(['highlights'], { node, isCertain: true }, info.fragments);
    const columns = info.fieldNodes.flatMap(below).length > 0 ? highlighted : [];
    return { select: { ...select, ...Object.fromEntries(columns.map((column) => [column, true])) } };
  });

/** The selection for the one row that is being resolved. */
export const selectedInRow = (info: GraphQLResolveInfo): Selection =>
  remember(info, () => queryFromInfo({ ...plain, info }));

/** The selection for the row of a field of an interface, when the row is of this type. */
export const selectedInNode = (info: GraphQLResolveInfo, typeName: string): Selection =>
  remember(info, () => queryFromInfo({ ...plain, info, typeName }), typeName);

/** A field of a row that leads to rows of another table: the type of the row, the field, and the type of its list. */
interface FieldBelow {
  parent: string;
  field: string;
  /** Absent for a field of one row. */
  lists?: string;
}

/** A list that is requested with only a page size. */
interface PlainPage {
  first?: number | null;
  last?: number | null;
  after?: null;
  before?: null;
  filter?: null;
  orderBy?: null;
}

/**
 * Returns the page that is requested of a field below each row of the page that is being resolved. Undefined if the
 * field is requested more than once or conditionally, or if the list has other arguments. Its own resolver then reads
 * it and reports errors.
 */
export const belowPage = (field: FieldBelow) => askedBelow(rowPaths, field);

/** Does the same below the one row that is being resolved. */
export const belowRow = (field: FieldBelow) => askedBelow([[]], field);

function askedBelow(paths: readonly (readonly string[])[], { parent, field: fieldName, lists }: FieldBelow) {
  const fields = new WeakMap<FieldNode, FieldNode | null>();
  const fieldBelow = (node: FieldNode, fragments: Fragments): FieldNode | null => {
    let field = fields.get(node);
    if (field === undefined) {
      const all = paths.flatMap((path) => fieldsAt([...path, fieldName], { node, isCertain: true }, fragments));
      field = all.length === 1 && all[0]?.isCertain ? all[0].node : null;
      fields.set(node, field);
    }
    return field;
  };
  return (info: GraphQLResolveInfo): (PlainPage & { select: Selection }) | undefined => {
    const [first, ...others] = info.fieldNodes;
    const node = first && others.length === 0 ? fieldBelow(first, info.fragments) : null;
    const parentType = info.schema.getType(parent);
    const field = isObjectType(parentType) ? parentType.getFields()[fieldName] : undefined;
    if (!node || !field || !isObjectType(parentType)) return undefined;
    const args = getArgumentValues(field, node, info.variableValues);
    const below = { ...info, fieldName, fieldNodes: [node], parentType, returnType: field.type };
    if (!isPlainPage(args)) return undefined;
    return { ...args, select: lists ? selectedInPage(below, lists) : selectedInRow(below) };
  };
}

function isPlainPage(args: Readonly<Record<string, unknown>>): args is PlainPage & Record<string, unknown> {
  const given = Object.entries(args).filter(([, value]) => value !== null);
  const isSize = (size: unknown) => typeof size === 'number' && size > 0 && size <= maxPageSize;
  return given.length <= 1 && given.every(([name, value]) => (name === 'first' || name === 'last') && isSize(value));
}

type Fragments = GraphQLResolveInfo['fragments'];

/** A selection of a field, and whether a directive on it or above it can skip it. */
interface FoundField {
  node: FieldNode;
  isCertain: boolean;
}

/** The selections at a path below a field, including those in fragments. */
function fieldsAt([name, ...path]: readonly string[], field: FoundField, fragments: Fragments): FoundField[] {
  if (name === undefined) return [field];
  const found = fieldsNamed(name, field.node.selectionSet, field.isCertain, { fragments, visited: new Set() });
  return found.flatMap((below) => fieldsAt(path, below, fragments));
}

/** Each fragment is visited once, as in execution, because nested spreads can multiply without limit. */
function fieldsNamed(
  name: string,
  selected: SelectionSetNode | undefined,
  isCertain: boolean,
  { fragments, visited }: { fragments: Fragments; visited: Set<string> },
): FoundField[] {
  return (selected?.selections ?? []).flatMap((selection) => {
    const certain = isCertain && !selection.directives?.length;
    const below = (set: SelectionSetNode | undefined) => fieldsNamed(name, set, certain, { fragments, visited });
    if (selection.kind === Kind.INLINE_FRAGMENT) return below(selection.selectionSet);
    const own = selection.name.value;
    if (selection.kind === Kind.FIELD) return own === name ? [{ node: selection, isCertain: certain }] : [];
    if (visited.has(own)) return [];
    visited.add(own);
    return below(fragments[own]?.selectionSet);
  });
}

interface Remembered {
  nodes: readonly FieldNode[];
  conditions: string;
  selection: Selection;
}

// A cache. Documents are cached by their text, so the same nodes come back with every row and every request of the same
// operation. The key includes all nodes, because a node of a fragment can be alone in one place and merged with others
// in another.
const rememberedOf = new WeakMap<FieldNode, Remembered[]>();

function remember(info: GraphQLResolveInfo, plan: () => object, typeName = ''): Selection {
  const { fieldNodes } = info;
  const [first] = fieldNodes as [FieldNode];
  const conditions = typeName + conditionsOf(info);
  const known = rememberedOf.get(first) ?? [];
  const found = known.find(
    ({ nodes, conditions: others }) =>
      others === conditions && nodes.length === fieldNodes.length && nodes.every((node, i) => node === fieldNodes[i]),
  );
  if (found) return found.selection;
  const selection = toSelection((plan() as { select?: Select }).select);
  // A client can create a plan for every combination of its @skip and @include variables, so only the latest 16 are
  // kept.
  rememberedOf.set(first, [...known.slice(-15), { nodes: fieldNodes, conditions, selection }]);
  return selection;
}

const switchesOf = new WeakMap<OperationDefinitionNode, string[]>();

/** The values of the variables that @skip and @include can use. */
function conditionsOf({ operation, variableValues }: GraphQLResolveInfo): string {
  let names = switchesOf.get(operation);
  if (!names) {
    const definitions = (operation.variableDefinitions ?? []).filter(({ type }) => /Boolean/.test(print(type)));
    names = definitions.map(({ variable }) => variable.name.value);
    switchesOf.set(operation, names);
  }
  return names.length === 0 ? '' : names.map((name) => variableValues[name]).join();
}

function toSelection(select: Select = { id: true }): Selection {
  const columns: string[] = [];
  const related: Record<string, Selection> = {};
  for (const [name, value] of Object.entries(select)) {
    if (value === true) columns.push(name);
    else if (value) related[name] = toSelection(value.select);
  }
  return { columns: columns.sort(), related };
}
