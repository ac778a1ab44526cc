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
 * What questions about the schema cost: by what they are answered with, which is known. The root types have ten times as many
 * fields as others, so that averages would let one ask for them again and again. For the fields of one operation, one after the
 * other; `name` is the type that `__type` is asked for.
 */
export type IntrospectionCost = (fragments: Fragments) => (field: FieldNode, name: unknown) => number;

type Fragments = ReadonlyMap<string, FragmentDefinitionNode>;

/**
 * What the query that tools ask for the whole schema costs; others by that measure. It is answered at a stretch, so no operation may
 * ask for three times as much.
 */
const introspectionPoints = 5_000;
/** So many scalars are as much to answer with as an object that holds them. */
const scalarsPerObject = 5;
/** And so many letters of a description. */
const lettersPerObject = 100;
/** What takes so many times longer to count than the whole schema is counted no further, and allowed to nobody. */
const mostWholes = 4;

export function createIntrospectionCost(schema: GraphQLSchema): IntrospectionCost {
  // The schema does not change, and to tell what something of it is takes long.
  const known = new Map<Described, Map<string, readonly Described[]>>();
  const partsOf = (of: Described, field: string): readonly Described[] => {
    const ofOne = known.get(of) ?? new Map<string, readonly Described[]>();
    known.set(of, ofOne);
    const parts = ofOne.get(field) ?? readParts(schema, of, field);
    ofOne.set(field, parts);
    return parts;
  };

  /** Counts the objects of answers, with the scalars that they hold. */
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

/** What a field of something that describes the schema leads to, deprecated or not. */
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
