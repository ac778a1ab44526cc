import { buildSchema, isObjectType, parse, validateSchema } from 'graphql';
import { describe, expect, test } from 'vitest';
import { createCostOf } from '../../../src/graphql/limits/cost.js';
import { sdlWithCosts } from '../../../src/graphql/schema/printed/costs.js';
import { schema } from '../../../src/graphql/schema.js';

/** The schema as text, with what it costs. */

describe('the text', () => {
  const text = sdlWithCosts(schema);

  test('is a schema that holds what the graph holds', () => {
    const built = buildSchema(text);
    expect(validateSchema(built)).toEqual([]);
    expect(Object.keys(built.getTypeMap()).sort()).toEqual(Object.keys(schema.getTypeMap()).sort());
  });

  test('writes what fields cost beside the point of each object', () => {
    expect(text).toMatch(/ createCustomer\([^)]*\): CreateCustomerPayload! @cost\(weight: "10"\)/);
    expect(text).toMatch(/ pageInfo: PageInfo! @cost\(weight: "0"\)/);
    expect(text).toMatch(/ totalCount: Int! @cost\(weight: "1"\)/);
  });

  test('writes a weight for each field that has one, and no other', () => {
    const fields = Object.values(schema.getTypeMap()).flatMap((type) =>
      isObjectType(type) ? Object.values(type.getFields()) : [],
    );
    const weighed = fields.filter(({ extensions }) => extensions.cost !== undefined);
    expect(text.match(/ @cost\(weight: "/g)).toHaveLength(weighed.length);
    expect(weighed.length).toBeGreaterThan(50);
  });

  test('writes the sizes of pages as the limits count them', () => {
    const size =
      /agents\((?:[^)]|\n)*?\): AgentConnection! @listSize\(assumedSize: (\d+), slicingArguments: \["first", "last"\], sizedFields: \["edges", "nodes"\]/;
    const [, assumed] = size.exec(text) ?? [];
    const { points } = createCostOf(schema)(parse('{ agents { nodes { id } } }'), undefined, {});
    expect(points).toBe(1 + Number(assumed));
  });
});
