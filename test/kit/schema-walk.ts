import {
  type GraphQLArgument,
  type GraphQLField,
  type GraphQLInputField,
  type GraphQLInputType,
  type GraphQLObjectType,
  getNamedType,
  isCompositeType,
  isEnumType,
  isInputObjectType,
  isListType,
  isNonNullType,
  isObjectType,
} from 'graphql';
import { schema } from '../../src/graphql/schema.js';

/** What tests do that walk over the schema, so that new elements are tried without being added to them. */

export type Field = GraphQLField<unknown, unknown>;

export const fieldsOf = (type: GraphQLObjectType | null | undefined): Field[] => Object.values(type?.getFields() ?? {});

export const queries = fieldsOf(schema.getQueryType());
export const mutations = fieldsOf(schema.getMutationType());

export const isRequired = (element: GraphQLArgument | GraphQLInputField): boolean =>
  isNonNullType(element.type) && element.defaultValue === undefined;

/** Makes the value that holds an id in one place, with the smallest that is required beside it. */
type WithId = (id: string) => unknown;

/** An id of the caller's own for a place, such as "EditNoteInput.id". */
export type OwnId = (place: string) => string;

/** Each place within an input type that takes an id; `own` is for the others that are required. */
export function placesOfIds(
  type: GraphQLInputType,
  own: OwnId,
  seen: readonly string[] = [],
): [path: string, value: WithId][] {
  if (isNonNullType(type)) return placesOfIds(type.ofType, own, seen);
  if (isListType(type)) {
    return placesOfIds(type.ofType, own, seen).map(([path, value]) => [path, (id) => [value(id)]]);
  }
  if (!isInputObjectType(type)) return type.name === 'ID' ? [['', (id) => id]] : [];
  if (seen.includes(type.name)) return [];
  return Object.values(type.getFields()).flatMap((field) =>
    placesOfIds(field.type, own, [...seen, type.name]).map(([path, value]): [string, WithId] => [
      `.${field.name}${path}`,
      (id) => ({ ...(smallest(type, own) as object), [field.name]: value(id) }),
    ]),
  );
}

/** The places of texts within an input, such as ["attachments", 0, "url"]; those of filters aside, which are no input's own. */
export function placesOfTexts(type: GraphQLInputType): (string | number)[][] {
  if (isNonNullType(type)) return placesOfTexts(type.ofType);
  if (isListType(type)) return placesOfTexts(type.ofType).map((place) => [0, ...place]);
  if (!isInputObjectType(type)) return type.name === 'String' ? [[]] : [];
  if (type.name.endsWith('Filter')) return [];
  return Object.values(type.getFields()).flatMap(({ name, type: inner }) =>
    placesOfTexts(inner).map((place) => [name, ...place]),
  );
}

/** Any value of the type, with ids of the caller's own. */
export function smallest(type: GraphQLInputType, own: OwnId, place = ''): unknown {
  if (isNonNullType(type)) return smallest(type.ofType, own, place);
  if (isListType(type)) return [smallest(type.ofType, own, place)];
  if (isEnumType(type)) return type.getValues()[0]?.name;
  if (isInputObjectType(type)) {
    const fields = Object.values(type.getFields()).filter(isRequired);
    return Object.fromEntries(
      fields.map((field) => [field.name, smallest(field.type, own, `${type.name}.${field.name}`)]),
    );
  }
  if (type.name === 'ID') return own(place);
  if (type.name === 'String' && /url$/i.test(place)) return 'https://example.com/x';
  if (!(type.name in scalars)) throw new Error(`No value is known for ${type.name}.`);
  return scalars[type.name];
}

const scalars: Readonly<Record<string, unknown>> = {
  String: 'x@example.com',
  Int: 1,
  Boolean: true,
  BigInt: 1,
  DateTime: '2999-01-01T00:00:00Z',
  JSONObject: {},
};

/** Every field without arguments that can be selected at once, `depth` objects deep. */
export function selectionOf(type: GraphQLObjectType | undefined, depth = 3): string {
  const parts = fieldsOf(type)
    .filter(({ args }) => !args.some(isRequired))
    .flatMap((field): string[] => {
      const named = getNamedType(field.type);
      if (!isCompositeType(named)) return [field.name];
      return isObjectType(named) && depth > 1 ? [`${field.name} { ${selectionOf(named, depth - 1)} }`] : [];
    });
  return ['__typename', ...parts].join(' ');
}

/** What can be selected of a field, in braces; nothing of a scalar. */
export function selectionIn({ type }: Field): string {
  const named = getNamedType(type);
  if (isObjectType(named)) return `{ ${selectionOf(named)} }`;
  return isCompositeType(named) ? '{ __typename id }' : '';
}
