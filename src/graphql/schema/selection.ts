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
 * What a list has to read for the fields that are selected below it, as the Prisma plugin plans it. The plugin plans in a
 * context of nobody's, so that it never takes a row for one of its own that our statements brought.
 */

interface Select {
  [name: string]: boolean | { select?: Select };
}

/** Columns that are selected in deferred fragments come with the row: it is read once. */
const plain = { context: {}, skipDeferredFragments: false };
const rowPaths = [['nodes'], ['edges', 'node']];

/** What the Prisma plugin would select of the rows of the page that is being resolved. */
export const selectedInPage = (info: GraphQLResolveInfo, typeName: string): Selection =>
  remember(info, () => queryFromInfo({ ...plain, info, typeName, paths: rowPaths }));

/** The same of the rows that hits are for, with the columns of their highlights where these are asked for. */
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

/** The same of the one row. */
export const selectedInRow = (info: GraphQLResolveInfo): Selection =>
  remember(info, () => queryFromInfo({ ...plain, info }));

/** A field below a row that leads to rows of another table: the type of the row, the field, and the type of what it lists. */
interface FieldBelow {
  parent: string;
  field: string;
  /** Left out for a field of one row. */
  lists?: string;
}

/** What is asked of a list by nothing but the size of its page. */
interface PlainPage {
  first?: number | null;
  last?: number | null;
  after?: null;
  before?: null;
  filter?: null;
  orderBy?: null;
}

/**
 * Tells what is asked of a field below each row of the page that is being resolved. Undefined where it is not asked for exactly
 * once and in any case, or where a list is asked for by more than its size: then its own resolver reads it, and tells what is wrong.
 */
export const belowPage = (field: FieldBelow) => askedBelow(rowPaths, field);

/** The same below the one row that is being resolved. */
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

/** A selection of a field; a directive on it, or above it, can leave it out. */
interface FoundField {
  node: FieldNode;
  isCertain: boolean;
}

/** The selections at a path below a field, also in fragments. */
function fieldsAt([name, ...path]: readonly string[], field: FoundField, fragments: Fragments): FoundField[] {
  if (name === undefined) return [field];
  const found = fieldsNamed(name, field.node.selectionSet, field.isCertain, { fragments, visited: new Set() });
  return found.flatMap((below) => fieldsAt(path, below, fragments));
}

/** Each fragment is visited once, as when the selections are run: there can be spreads in spreads without number. */
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

// Documents are cached by their text, so the same nodes come back with every row and every request of the same operation.
// A node within a fragment can stand for the field alone in one place and together with others in the next.
const rememberedOf = new WeakMap<FieldNode, Remembered[]>();

function remember(info: GraphQLResolveInfo, plan: () => object): Selection {
  const { fieldNodes } = info;
  const [first] = fieldNodes as [FieldNode];
  const conditions = conditionsOf(info);
  const known = rememberedOf.get(first) ?? [];
  const found = known.find(
    ({ nodes, conditions: others }) =>
      others === conditions && nodes.length === fieldNodes.length && nodes.every((node, i) => node === fieldNodes[i]),
  );
  if (found) return found.selection;
  const selection = toSelection((plan() as { select?: Select }).select);
  // A client can have a document planned in as many ways as its switches stand in; only the latest stay.
  rememberedOf.set(first, [...known.slice(-15), { nodes: fieldNodes, conditions, selection }]);
  return selection;
}

const switchesOf = new WeakMap<OperationDefinitionNode, string[]>();

/** The values of the variables that @skip and @include can take. */
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
