import { queryFromInfo } from '@pothos/plugin-prisma';
import { type FieldNode, type GraphQLResolveInfo, type OperationDefinitionNode, print } from 'graphql';
import type { Selection } from '../../db/lists/keyset.js';

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

/** The same of the one row. */
export const selectedInRow = (info: GraphQLResolveInfo): Selection =>
  remember(info, () => queryFromInfo({ ...plain, info }));

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
