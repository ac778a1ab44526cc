import {
  type DocumentNode,
  type FieldNode,
  type FragmentDefinitionNode,
  type GraphQLField,
  type GraphQLNamedType,
  type GraphQLSchema,
  getNamedType,
  getNullableType,
  getOperationAST,
  isCompositeType,
  isInterfaceType,
  isListType,
  isObjectType,
  Kind,
  type OperationDefinitionNode,
  SchemaMetaFieldDef,
  type SelectionSetNode,
  TypeMetaFieldDef,
  type ValueNode,
} from 'graphql';
import { defaultPageSize, maxPageSize } from '../../db/lists/keyset.js';
import { createIntrospectionCost, type IntrospectionCost } from './introspection-cost.js';

/**
 * What an operation costs at most, in points, told from its text and the sizes of its pages before it is run: one for
 * each object that it can answer with, one more for every 25 scalars selected of an object, and what a field says of
 * itself with `costs`. Fragments and conditions (@skip, @include) count wherever they stand.
 *
 * The libraries for this walk each document anew for each request, know no pages, or both.
 */
export interface Cost {
  points: number;
  /** Levels of fields below each other. */
  depth: number;
  /**
   * What an answer cost by the same prices, its lists counted instead of the pages that were asked for: never more than
   * `points`. Absent where there are no such lists. It looks at lists alone, and into their rows only for lists within
   * them, so it takes a small part of what it took to write the answer.
   */
  actualOf?: (data: Answer) => number;
}

type Answer = Readonly<Record<string, unknown>>;

/** Declares what a field itself costs, where that is not one point for each object. */
export const costs = (points: number) => ({ extensions: { cost: points } });

const scalarsPerPoint = 25;
type Variables = Readonly<Record<string, unknown>>;

/** Computes costs. They are remembered by document and page sizes, so a repeated operation is not walked again. */
export function createCostOf(schema: GraphQLSchema) {
  const remembered = new WeakMap<DocumentNode, Map<string, Cost>>();
  const measure: Measure = { schema, introspection: createIntrospectionCost(schema) };

  return (document: DocumentNode, operationName: string | null | undefined, variables: Variables): Cost => {
    let ofDocument = remembered.get(document);
    if (!ofDocument) {
      ofDocument = new Map();
      remembered.set(document, ofDocument);
    }
    const operation = operationOf(document, operationName);
    const key = `${operationName ?? ''} ${sizesOf(schema, operation, variables).join()}`;
    let cost = ofDocument.get(key);
    if (!cost) {
      cost = walk(measure, document, operation, variables);
      if (ofDocument.size < maxRemembered) ofDocument.set(key, cost);
    }
    return cost;
  };
}

const maxRemembered = 200;

function operationOf(document: DocumentNode, name?: string | null): OperationDefinitionNode {
  const operation = getOperationAST(document, name);
  if (!operation) throw new Error('The document was not validated.');
  return operation;
}

/** Whatever of the variables can be the size of a page or a list, or the type that is asked about. */
const sizesOf = (
  schema: GraphQLSchema,
  { variableDefinitions = [] }: OperationDefinitionNode,
  variables: Variables,
): unknown[] =>
  variableDefinitions.map(({ variable }) => {
    const value = variables[variable.name.value];
    if (typeof value === 'string') return schema.getType(value)?.name ?? '';
    return Array.isArray(value) ? value.length : typeof value === 'number' || value === null ? `${value}` : '';
  });

interface Sum extends Pick<Cost, 'points' | 'depth'> {
  scalars: number;
  /** The points that are due whatever the lists hold. */
  fixed: number;
  /** The others, of an object of the answer. */
  listed: readonly Count[];
}

type Count = (value: Answer) => number;

/** One count for several. */
const together =
  (counts: readonly Count[]): Count =>
  (value) =>
    counts.reduce((sum, count) => sum + count(value), 0);

/** What an object of the answer, or each of a list, counts. */
function countBelow(value: unknown, count: Count): number {
  if (Array.isArray(value)) return value.reduce<number>((sum, one) => sum + countBelow(one, count), 0);
  return typeof value === 'object' && value !== null ? count(value as Answer) : 0;
}

/** What does not change from one operation to the next. */
interface Measure {
  schema: GraphQLSchema;
  introspection: IntrospectionCost;
}

function walk(
  { schema, introspection }: Measure,
  document: DocumentNode,
  operation: OperationDefinitionNode,
  variables: Variables,
): Cost {
  const fragments = new Map<string, FragmentDefinitionNode>();
  for (const definition of document.definitions) {
    if (definition.kind === Kind.FRAGMENT_DEFINITION) fragments.set(definition.name.value, definition);
  }
  const defaults = new Map(
    operation.variableDefinitions?.map(({ variable, defaultValue }) => [variable.name.value, defaultValue]),
  );
  const ofFragments = new Map<string, Sum>();
  const ofSchema = introspection(fragments);

  const read = (node: ValueNode | undefined): unknown => {
    if (node?.kind === Kind.INT) return Number(node.value);
    if (node?.kind === Kind.LIST) return node.values;
    if (node?.kind === Kind.STRING) return node.value;
    if (node?.kind !== Kind.VARIABLE) return undefined;
    const name = node.name.value;
    return Object.hasOwn(variables, name) ? variables[name] : read(defaults.get(name));
  };

  const argumentOf = (field: FieldNode, name: string) =>
    read(field.arguments?.find((argument) => argument.name.value === name)?.value);

  /** How many rows a field gives: by its page, or by the ids it is given. */
  const sizeOf = (field: FieldNode, definition: GraphQLField<unknown, unknown>) => {
    const value = (name: string) => argumentOf(field, name);
    if (definition.args.some(({ name }) => name === 'first')) {
      const size = value('first') ?? value('last') ?? defaultPageSize;
      return typeof size === 'number' ? Math.min(Math.max(size, 0), maxPageSize) : maxPageSize;
    }
    const named = definition.args.find(({ name }) => listsOfNames.has(name));
    const names = named && value(named.name);
    return Array.isArray(names) ? names.length : undefined;
  };

  const ofField = (field: FieldNode, parent: GraphQLNamedType, rows: number | undefined): Sum => {
    const definition = fieldOf(schema, parent, field.name.value);
    const own = definition?.extensions.cost as number | undefined;
    if (!definition || !isCompositeType(getNamedType(definition.type)) || !field.selectionSet) {
      return { points: own ?? 0, fixed: own ?? 0, listed: [], depth: 1, scalars: own === undefined ? 1 : 0 };
    }
    const size = sizeOf(field, definition);
    const isList = isListType(getNullableType(definition.type));
    const type = getNamedType(definition.type);
    const inner = ofSet(field.selectionSet, type, isList ? undefined : size);
    const itself = (own ?? 1) + Math.floor(inner.scalars / scalarsPerPoint);
    const length = isList ? (size ?? rows) : undefined;
    if (type.name.startsWith('__')) {
      // What lies below is counted with it.
      const points = parent.name.startsWith('__') ? 0 : ofSchema(field, argumentOf(field, 'name'));
      return { points, fixed: points, listed: [], depth: inner.depth + 1, scalars: 0 };
    }
    const sum = { points: (itself + inner.points) * (length ?? 1), depth: inner.depth + 1, scalars: 0 };

    const key = field.alias?.value ?? field.name.value;
    const each = itself + inner.fixed;
    const within = together(inner.listed);
    const below: Count[] = inner.listed.length > 0 ? [(value) => countBelow(value[key], within)] : [];
    if (length === undefined) return { ...sum, fixed: each, listed: below };
    const ofRows: Count = ({ [key]: list }) => (Array.isArray(list) ? list.length * each : 0);
    return { ...sum, fixed: 0, listed: [ofRows, ...below] };
  };

  /** `rows`: how many rows a list has that stands in this set; undefined when the set is no page. */
  const ofSet = (set: SelectionSetNode, type: GraphQLNamedType, rows: number | undefined): Sum => {
    const listed: Count[] = [];
    const sum = { points: 0, fixed: 0, depth: 0, scalars: 0, listed };
    for (const selection of set.selections) {
      const part =
        selection.kind === Kind.FIELD
          ? ofField(selection, type, rows)
          : selection.kind === Kind.INLINE_FRAGMENT
            ? ofSet(selection.selectionSet, typeNamed(selection.typeCondition?.name.value) ?? type, rows)
            : ofFragment(selection.name.value, rows);
      sum.points += part.points;
      sum.fixed += part.fixed;
      sum.scalars += part.scalars;
      sum.depth = Math.max(sum.depth, part.depth);
      // Never spread out, because fragments that double each other would be.
      if (part.listed.length > 0) listed.push(together(part.listed));
    }
    return sum;
  };

  const ofFragment = (name: string, rows: number | undefined): Sum => {
    const key = `${name} ${rows}`;
    let sum = ofFragments.get(key);
    if (!sum) {
      const fragment = fragments.get(name);
      const type = typeNamed(fragment?.typeCondition.name.value);
      sum = fragment && type ? ofSet(fragment.selectionSet, type, rows) : nothing;
      ofFragments.set(key, sum);
    }
    return sum;
  };

  const typeNamed = (name: string | undefined) => (name === undefined ? undefined : schema.getType(name));

  const root = schema.getRootType(operation.operation);
  if (!root) throw new Error('The document was not validated.');
  const { points, fixed, depth, scalars, listed } = ofSet(operation.selectionSet, root, undefined);
  const ofScalars = Math.floor(scalars / scalarsPerPoint);
  const requested = Math.max(1, Math.ceil(points + ofScalars));
  if (listed.length === 0) return { points: requested, depth };
  const count = together(listed);
  const actualOf = (data: Answer) => Math.max(1, Math.min(requested, Math.ceil(fixed + ofScalars + count(data))));
  return { points: requested, depth, actualOf };
}

/** Arguments that name objects, of which the field gives as many. */
const listsOfNames: ReadonlySet<string> = new Set(['ids', 'representations']);

const nothing: Sum = { points: 0, fixed: 0, depth: 0, scalars: 0, listed: [] };

function fieldOf(
  schema: GraphQLSchema,
  type: GraphQLNamedType,
  name: string,
): GraphQLField<unknown, unknown> | undefined {
  if (type === schema.getQueryType()) {
    if (name === SchemaMetaFieldDef.name) return SchemaMetaFieldDef;
    if (name === TypeMetaFieldDef.name) return TypeMetaFieldDef;
  }
  return isObjectType(type) || isInterfaceType(type) ? type.getFields()[name] : undefined;
}
