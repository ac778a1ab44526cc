import {
  type GraphQLField,
  type GraphQLSchema,
  getNamedType,
  getNullableType,
  isCompositeType,
  isListType,
  isObjectType,
} from 'graphql';
import { defaultPageSize } from '../../../db/lists/keyset.js';
import { type Annotate, printAnnotated } from './annotated.js';

/** The directives of the GraphQL cost specification (https://ibm.github.io/graphql-specs/cost-spec.html). */
const definitions = `
directive @cost(weight: String!) on ARGUMENT_DEFINITION | ENUM | FIELD_DEFINITION | INPUT_FIELD_DEFINITION | OBJECT | SCALAR
directive @listSize(
  assumedSize: Int
  slicingArguments: [String!]
  sizedFields: [String!]
  requireOneSlicingArgument: Boolean = true
) on FIELD_DEFINITION
`;

/**
 * The schema text with the costs of fields, from the same data as the operation limits. An object costs one point by
 * default in both, so only deviations are printed.
 */
export const sdlWithCosts = (schema: GraphQLSchema): string => printAnnotated(schema, definitions, annotate);

const annotate: Annotate = (type, field) => {
  if (!field || !isObjectType(type)) return [];
  const points = field.extensions.cost as number | undefined;
  return [...(points === undefined ? [] : [`@cost(weight: "${points}")`]), ...listSize(field)];
};

function listSize({ args, type }: GraphQLField<unknown, unknown>): string[] {
  const slicing = ['first', 'last'].filter((name) => args.some((arg) => arg.name === name));
  const named = getNamedType(type);
  if (slicing.length === 0 || !isObjectType(named)) return [];
  const sized = Object.values(named.getFields()).filter(
    (field) => isListType(getNullableType(field.type)) && isCompositeType(getNamedType(field.type)),
  );
  const parts = [
    `assumedSize: ${defaultPageSize}`,
    `slicingArguments: ${namesOf(slicing)}`,
    `sizedFields: ${namesOf(sized.map(({ name }) => name))}`,
    'requireOneSlicingArgument: false',
  ];
  return [`@listSize(${parts.join(', ')})`];
}

const namesOf = (names: readonly string[]): string => JSON.stringify(names);
