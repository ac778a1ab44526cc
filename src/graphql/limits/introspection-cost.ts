import {
  type FieldNode,
  type FragmentDefinitionNode,
  type GraphQLArgument,
  type GraphQLDirective,
  type GraphQLEnumValue,
  type GraphQLField,
  type GraphQLInputField,
  type GraphQLSchema,
  type GraphQLType,
  getIntrospectionQuery,
  getOperationAST,
  isAbstractType,
  isDirective,
  isEnumType,
  isInputObjectType,
  isInterfaceType,
  isObjectType,
  isSchema,
  isType,
  isWrappingType,
  Kind,
  parse,
  type SelectionSetNode,
} from 'graphql';

/**
 * The cost of introspection. It is exact, because the answer is known: the root types have ten times as many fields as
 * other types, so average costs would be too low for them. Called for the fields of one operation in order; `name` is
 * the argument of `__type`.
 */
export type IntrospectionCost = (fragments: Fragments) => (field: FieldNode, name: unknown) => number;

type Fragments = ReadonlyMap<string, FragmentDefinitionNode>;

/**
 * The cost of the standard introspection query. Other introspection is measured against it. The answer is computed
 * without a pause, so this is high enough that no operation may request three times the whole schema.
 */
const introspectionPoints = 5_000;
/** This many scalars cost as much as the object that contains them. */
const scalarsPerObject = 5;
/** This many characters of a description cost as much as an object. */
const lettersPerObject = 100;
/**
 * Counting stops when it takes this many times as long as counting the whole schema. Such an operation is always
 * refused.
 */
const mostWholes = 4;

export function createIntrospectionCost(schema: GraphQLSchema): IntrospectionCost {
  // Caches the parts of each schema element. The schema does not change, and reading its parts is slow.
  const known = new Map<Described, Map<string, readonly Described[]>>();
  const partsOf = (of: Described, field: string): readonly Described[] => {
    const ofOne = known.get(of) ?? new Map<string, readonly Described[]>();
    known.set(of, ofOne);
    const parts = ofOne.get(field) ?? readParts(schema, of, field);
    ofOne.set(field, parts);
    return parts;
  };

  /** Counts the objects in an answer and their scalars. */
  const createCount = (fragments: Fragments, maxSteps: number) => {
    let steps = 0;
    const below = (set: SelectionSetNode | undefined, of: Described): number => {
      if (!set || steps > maxSteps) return 0;
      let weight = 0;
      for (const selection of set.selections) {
        steps += 1;
        if (selection.kind === Kind.FRAGMENT_SPREAD) {
          weight += below(fragments.get(selection.name.value)?.selectionSet, of);
        } else if (selection.kind === Kind.INLINE_FRAGMENT) weight += below(selection.selectionSet, of);
        else if (!selection.selectionSet) weight += scalarWeight(of, selection.name.value);
        else {
          for (const one of partsOf(of, selection.name.value)) weight += 1 + below(selection.selectionSet, one);
        }
      }
      return weight;
    };
    const weigh = ({ name: { value: root }, selectionSet }: FieldNode, name: unknown): number => {
      const asked = root === '__schema' ? schema : schema.getType(String(name));
      const weight = asked && steps <= maxSteps ? 1 + below(selectionSet, asked) : 1;
      return steps > maxSteps ? Number.MAX_SAFE_INTEGER : weight;
    };
    return { weigh, steps: () => steps };
  };

  const query = parse(getIntrospectionQuery());
  const fragments = new Map(
    query.definitions.flatMap((one) => (one.kind === Kind.FRAGMENT_DEFINITION ? [[one.name.value, one]] : [])),
  );
  const [root] = getOperationAST(query)?.selectionSet.selections ?? [];
  if (root?.kind !== Kind.FIELD) throw new Error('The query for the whole schema asks for nothing.');
  const whole = createCount(fragments, Number.POSITIVE_INFINITY);
  const scale = introspectionPoints / whole.weigh(root, undefined);
  return (ofOperation) => {
    const { weigh } = createCount(ofOperation, mostWholes * whole.steps());
    return (field, name) => weigh(field, name) * scale;
  };
}

type Described =
  | GraphQLSchema
  | GraphQLType
  | GraphQLDirective
  | GraphQLField<unknown, unknown>
  | GraphQLArgument
  | GraphQLInputField
  | GraphQLEnumValue;

function scalarWeight(of: Described, field: string): number {
  const letters = field === 'description' && 'description' in of ? (of.description?.length ?? 0) : 0;
  return 1 / scalarsPerObject + letters / lettersPerObject;
}

/** The schema elements that a field of a schema element leads to, including deprecated ones. */
function readParts(schema: GraphQLSchema, of: Described, field: string): readonly Described[] {
  if (isSchema(of)) {
    if (field === 'types') return Object.values(of.getTypeMap());
    if (field === 'directives') return of.getDirectives();
    return [of.getQueryType(), of.getMutationType(), of.getSubscriptionType()].flatMap((type) =>
      type?.name.toLowerCase() === field.slice(0, -'Type'.length) ? type : [],
    );
  }
  if (isDirective(of)) return of.args;
  if (!isType(of)) {
    if (field === 'type' && 'type' in of) return [of.type];
    return field === 'args' && 'args' in of ? of.args : [];
  }
  if (isWrappingType(of)) return field === 'ofType' ? [of.ofType] : [];
  if (field === 'possibleTypes') return isAbstractType(of) ? schema.getPossibleTypes(of) : [];
  if (field === 'inputFields') return isInputObjectType(of) ? Object.values(of.getFields()) : [];
  if (field === 'enumValues') return isEnumType(of) ? of.getValues() : [];
  if (!isObjectType(of) && !isInterfaceType(of)) return [];
  if (field === 'fields') return Object.values(of.getFields());
  return field === 'interfaces' ? of.getInterfaces() : [];
}
