import { z } from 'zod';
import type { Dialect } from './dialect.js';
import type { ResponseSpec, Route } from './route.js';

/** The OpenAPI 3.1 description of the dialects, from what their routes read and answer. */
export function openApiOf(dialects: readonly Dialect[]): object {
  const paths: Record<string, Record<string, object>> = {};
  for (const { routes } of dialects) {
    for (const route of routes) {
      paths[route.path] = { ...paths[route.path], [route.method.toLowerCase()]: describe(route) };
    }
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'Deskgraph REST shim',
      version: '1.0.0',
      description:
        'Endpoints of other systems for the programs that call them. Each answer names, in X-Deskgraph-Operation, the GraphQL operation that gives the same.',
    },
    servers: [{ url: '/' }],
    security: [{ apiKey: [] }],
    components: { securitySchemes: { apiKey: { type: 'http', scheme: 'bearer', description: 'An API key.' } } },
    paths,
  };
}

function describe(route: Route): object {
  return {
    operationId: route.id,
    tags: [route.tag],
    summary: route.summary,
    description: `${route.access} The same in GraphQL: \`${route.operation}\`.`,
    'x-graphql-operation': route.operation,
    parameters: [
      ...parametersOf('path', route.pathParameters),
      ...parametersOf('query', route.queryParameters),
      ...(route.method === 'GET' ? [] : [idempotencyKey]),
    ],
    ...(route.body && {
      requestBody: {
        required: true,
        content: { 'application/json': { schema: jsonSchemaOf(route.body), example: route.bodyExample } },
      },
    }),
    responses: Object.fromEntries(route.responses.map((response) => [response.status, describeResponse(response)])),
  };
}

const idempotencyKey = {
  name: 'Idempotency-Key',
  in: 'header',
  required: false,
  description: 'Does the request once, however often it is sent with this key.',
  schema: { type: 'string', pattern: '^[!-~]{1,255}$' },
};

const describeResponse = ({ description, schema, example }: ResponseSpec): object => ({
  description,
  ...(schema && {
    content: { 'application/json': { schema: jsonSchemaOf(schema), ...(example !== undefined && { example }) } },
  }),
});

function parametersOf(place: 'path' | 'query', parameters: z.ZodObject): object[] {
  const { properties = {}, required = [] } = jsonSchemaOf(parameters);
  return Object.entries(properties).map(([name, schema]) => ({
    name,
    in: place,
    required: required.includes(name),
    ...(typeof schema === 'object' && schema.description !== undefined && { description: schema.description }),
    schema,
  }));
}

/** What is read is described as it comes in. */
function jsonSchemaOf(schema: z.ZodType): z.core.JSONSchema.BaseSchema {
  const { $schema, ...described } = z.toJSONSchema(schema, {
    io: 'input',
    // The default of what is converted when it is read would be left out, since it need not be a value to send.
    override: ({ zodSchema, jsonSchema }) => {
      const { def } = zodSchema._zod;
      if (def.type === 'default') jsonSchema.default = def.defaultValue as number;
    },
  });
  return described;
}
