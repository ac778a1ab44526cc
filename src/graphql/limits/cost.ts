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
 * The maximum cost of an operation in points, computed before execution from its document and page sizes: one point for
 * each possible object, one more for every 25 scalars selected on an object, and the costs that fields declare with
 * `costs`. All fragments and conditional fields (@skip, @include) count.
 *
 * Existing libraries walk the document again for each request, do not consider page sizes, or both.
 */
export interface Cost {
  points: number;
  /** The number of nested levels of fields. */
  depth: number;
  /**
   * The cost of a response at the same prices, with the actual length of its lists instead of the page sizes; never
   * more than `points`. Absent if the operation has no such lists. It visits only lists and the rows that contain
   * further lists, so it takes a small part of the time of writing the response.
   */
  actualOf?: (data: Answer) => number;
}

type Answer = Readonly<Record<string, unknown>>;

/** Declares the cost of a field if it is not one point for each object. */
export const costs = (points: number) => ({ extensions: { cost: points } });

const scalarsPerPoint = 25;
type Variables = Readonly<Record<string, unknown>>;

/** Computes costs. They are cached by document and page sizes, so that repeated operations are not walked again. */
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

/** The values of variables that affect the cost: page sizes, list lengths, and type names for introspection. */
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
  /** The points that do not depend on the length of lists. */
  fixed: number;
  /** Functions that compute the other points from an object of the response. */
  listed: readonly Count[];
}

type Count = (value: Answer) => number;

/** Combines several counts into one. */
const together =
  (counts: readonly Count[]): Count =>
  (value) =>
    counts.reduce((sum, count) => sum + count(value), 0);

/** The count for an object of the response, or the sum for a list. */
function countBelow(value: unknown, count: Count): number {
  if (Array.isArray(value)) return value.reduce<number>((sum, one) => sum + countBelow(one, count), 0);
  return typeof value === 'object' && value !== null ? count(value as Answer) : 0;
}

/** The data that is the same for all operations. */
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

  /** The maximum number of rows of a field: its page size, or the number of given ids. */
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
      // Introspection costs include everything below the field.
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

  /** `rows` is the length of the list that this selection set is a page of; undefined when it is not a page. */
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
      // Never expanded, because nested fragments can double the number of counts at each level.
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

/** Arguments that list objects. The field returns as many objects. */
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
