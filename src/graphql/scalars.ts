import { GraphQLScalarType } from 'graphql';
import { GraphQLBigInt, GraphQLDateTimeISO, GraphQLJSONObject } from 'graphql-scalars';
import { builder } from './builder.js';

builder.addScalarType(
  'DateTime',
  new GraphQLScalarType({
    ...GraphQLDateTimeISO.toConfig(),
    name: 'DateTime',
    description: 'A point in time as ISO 8601 in UTC with milliseconds, such as 2026-03-13T10:00:00.000Z.',
    // The rows hold valid dates, so the library's checks of the outgoing value are left out.
    serialize: (value) => (value as Date).toISOString(),
  }),
);

builder.addScalarType(
  'BigInt',
  new GraphQLScalarType({
    ...GraphQLBigInt.toConfig(),
    description: 'A whole number of any size: a JSON number up to 2^53 - 1, a string beyond it.',
  }),
);

builder.addScalarType(
  'JSONObject',
  new GraphQLScalarType({
    ...GraphQLJSONObject.toConfig(),
    description: 'A JSON object with keys and values of any kind.',
  }),
);
