import {
  type GraphQLArgument,
  type GraphQLField,
  type GraphQLInputField,
  type GraphQLInputType,
  type GraphQLNamedType,
  type GraphQLObjectType,
  type GraphQLSchema,
  getNamedType,
  isEnumType,
  isInputObjectType,
  isInterfaceType,
  isLeafType,
  isListType,
  isNonNullType,
  isObjectType,
} from 'graphql';

/** Numbers from 0 up to 1 that are the same for the same seed. */
export function randomNumbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

const maxDepth = 5;

/** Values that clients send, of each scalar: ordinary ones, and those at the edges of what is allowed. */
const scalars: Record<string, readonly string[]> = {
  Int: ['1', '2', '5', '20', '0', '-1', '2147483647'],
  BigInt: ['0', '-5', '"9223372036854775807"'],
  Boolean: ['true', 'false'],
  DateTime: [
    '"2026-03-13T10:00:00Z"',
    '"0001-01-01T00:00:00Z"',
    '"9999-12-31T23:59:59.999Z"',
    '"2026-03-13T10:00:00+14:00"',
  ],
  LocalDate: ['"2026-03-13"', '"0001-01-01"', '"9999-12-31"'],
  JSONObject: ['{}', '{a: 1, b: [null, {c: "x"}]}'],
};

/** Valid operations over the whole schema, at random: each answers with data or with errors that a client can read. */
export function randomOperations(
  schema: GraphQLSchema,
  random: () => number,
  texts: readonly string[],
  ids: readonly string[],
): () => string {
  const pick = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)] as T;
  const chance = (probability: number): boolean => random() < probability;
  const isRequired = (element: GraphQLArgument | GraphQLInputField): boolean =>
    isNonNullType(element.type) && element.defaultValue === undefined;

  const textOf = (type: GraphQLInputType, depth: number): string => {
    if (isNonNullType(type)) return textOf(type.ofType, depth);
    if (chance(0.03)) return 'null';
    if (isListType(type))
      return `[${Array.from({ length: Math.floor(random() * 3) }, () => present(type.ofType, depth))}]`;
    if (isInputObjectType(type)) {
      if (type.isOneOf) {
        const field = pick(Object.values(type.getFields()));
        return `{${field.name}: ${present(field.type, depth + 1)}}`;
      }
      const fields = Object.values(type.getFields()).filter((field) => isRequired(field) || chance(1 / (depth + 2)));
      return `{${fields.map((field) => `${field.name}: ${(isRequired(field) ? present : textOf)(field.type, depth + 1)}`)}}`;
    }
    if (isEnumType(type)) return pick(type.getValues()).name;
    if (type.name === 'ID') return JSON.stringify(pick(ids));
    return pick(scalars[type.name] ?? texts.map((text) => JSON.stringify(text)));
  };

  /** A value that is not null, which lists of the schema do not hold. */
  const present = (type: GraphQLInputType, depth: number): string => {
    for (;;) {
      const value = textOf(type, depth);
      if (value !== 'null') return value;
    }
  };

  const argumentsOf = (field: GraphQLField<unknown, unknown>): string => {
    const chosen = field.args.filter((arg) => isRequired(arg) || chance(0.3));
    const given = chosen.map((arg) => `${arg.name}: ${(isRequired(arg) ? present : textOf)(arg.type, 0)}`);
    return given.length > 0 ? `(${given.join(', ')})` : '';
  };

  let aliases = 0;
  const fieldOf = (field: GraphQLField<unknown, unknown>, depth: number): string => {
    const type = getNamedType(field.type);
    aliases += 1;
    const head = `f${aliases}: ${field.name}${argumentsOf(field)}`;
    return isLeafType(type) ? head : `${head} ${selectionOf(type, depth + 1)}`;
  };

  const selectionOf = (type: GraphQLNamedType, depth: number): string => {
    if (isInterfaceType(type)) {
      const implementation = pick(schema.getPossibleTypes(type));
      return `{ __typename id ... on ${implementation.name} ${selectionOf(implementation, depth)} }`;
    }
    if (!isObjectType(type)) return '{ __typename }';
    const fields = Object.values(type.getFields()).filter(
      (field) => depth < maxDepth || isLeafType(getNamedType(field.type)),
    );
    const chosen = fields.length === 0 ? [] : Array.from({ length: 1 + Math.floor(random() * 3) }, () => pick(fields));
    return `{ __typename ${chosen.map((field) => fieldOf(field, depth)).join(' ')} }`;
  };

  const root = (type: GraphQLObjectType | null | undefined): string =>
    fieldOf(pick(Object.values(type?.getFields() ?? {})), 0);

  return () => {
    aliases = 0;
    return chance(0.2) ? `mutation { ${root(schema.getMutationType())} }` : `{ ${root(schema.getQueryType())} }`;
  };
}
