import { z } from 'zod';
import type { Dialect } from './dialect.js';
import type { ResponseSpec, Route } from './route.js';

type Schema = z.core.JSONSchema.BaseSchema;

interface Content {
  'application/json': { schema: Schema; example?: unknown };
}

export interface ParameterDescription {
  name: string;
  in: 'path' | 'query' | 'header';
  required: boolean;
  allowEmptyValue?: true;
  description?: string;
  schema: z.core.JSONSchema._JSONSchema;
}

/** One route. */
export interface OperationDescription {
  operationId: string;
  tags: string[];
  summary: string;
  description: string;
  /** The kind and field of the equivalent GraphQL operation, such as "query customers". */
  'x-graphql-operation': string;
  /** The text of that operation. */
  'x-graphql-document': string;
  /** Its variables for the examples of the route. */
  'x-graphql-variables'?: unknown;
  /** The alternatives for sending the key, if the vendor has another header. */
  security?: Record<string, string[]>[];
  parameters: ParameterDescription[];
  requestBody?: { required: boolean; content: Content };
  responses: Record<string, { description: string; content?: Content }>;
}

/** The content of /openapi.json. */
export interface OpenApiDescription {
  openapi: '3.1.0';
  info: { title: string; version: string; description: string };
  servers: { url: string }[];
  security: Record<string, string[]>[];
  components: { securitySchemes: object; schemas: Record<string, Schema> };
  /** The tags of each vendor. */
  'x-tagGroups': { name: string; tags: string[] }[];
  paths: Record<string, Record<string, OperationDescription>>;
}

/** Creates the OpenAPI 3.1 description of the dialects from the schemas of their routes. */
export function openApiOf(dialects: readonly Dialect[], basePath: string): OpenApiDescription {
  const paths: OpenApiDescription['paths'] = {};
  const tagsOf = new Map<string, Set<string>>();
  const schemas: Record<string, Schema> = {};
  const securitySchemes: Record<string, object> = {
    apiKey: { type: 'http', scheme: 'bearer', description: 'An API key.' },
  };
  for (const { name, routes, keyHeader } of dialects) {
    if (keyHeader !== undefined) securitySchemes[inHeader] = { type: 'apiKey', in: 'header', name: keyHeader };
    for (const route of routes) {
      const described = describe(route, createDescriber(schemas), keyHeader);
      paths[route.path] = { ...paths[route.path], [route.method.toLowerCase()]: described };
      tagsOf.set(name, (tagsOf.get(name) ?? new Set()).add(route.tag));
    }
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'Deskgraph REST shim',
      version: '1.0.0',
      description:
        'Endpoints of other systems, for existing programs that call them. The header X-Deskgraph-Operation of each response names the equivalent GraphQL operation.',
    },
    servers: [{ url: basePath || '/' }],
    security: [{ apiKey: [] }],
    components: { securitySchemes, schemas },
    'x-tagGroups': [...tagsOf].map(([name, tags]) => ({ name, tags: [...tags] })),
    paths,
  };
}

/** The security scheme for a key in the vendor's own header. */
const inHeader = 'apiKeyHeader';

type Describer = (schema: z.ZodType) => Schema;

function describe(route: Route, schemaOf: Describer, keyHeader: string | undefined): OperationDescription {
  const { document, variables } = route.inGraphql();
  return {
    operationId: route.id,
    tags: [route.tag],
    summary: route.summary,
    description: `${route.access} The equivalent GraphQL operation: \`${route.operation}\`.`,
    'x-graphql-operation': route.operation,
    'x-graphql-document': document,
    ...(variables !== undefined && { 'x-graphql-variables': variables }),
    ...(keyHeader !== undefined && { security: [{ apiKey: [] }, { [inHeader]: [] }] }),
    parameters: [
      ...parametersOf('path', schemaOf(route.pathParameters)),
      ...parametersOf('query', schemaOf(route.queryParameters)),
      ...(route.writes ? [idempotencyKey] : []),
    ],
    ...(route.body && {
      requestBody: {
        // A missing body is parsed like an empty object.
        required: !route.body.safeParse({}).success,
        content: { 'application/json': { schema: schemaOf(route.body), example: route.bodyExample } },
      },
    }),
    responses: Object.fromEntries(
      route.responses.map((response) => [response.status, describeResponse(response, schemaOf)]),
    ),
  };
}

const idempotencyKey: ParameterDescription = {
  name: 'Idempotency-Key',
  in: 'header',
  required: false,
  description: 'The request is executed once, however often it is sent with this idempotency key.',
  schema: { type: 'string', pattern: '^[!-~]{1,255}$' },
};

const describeResponse = (
  { description, schema, example }: ResponseSpec,
  schemaOf: Describer,
): OperationDescription['responses'][string] => ({
  description,
  ...(schema && {
    content: { 'application/json': { schema: schemaOf(schema), ...(example !== undefined && { example }) } },
  }),
});

function parametersOf(place: 'path' | 'query', { properties = {}, required = [] }: Schema): ParameterDescription[] {
  return Object.entries(properties).map(([name, schema]) => ({
    name,
    in: place,
    required: required.includes(name),
    // An empty value of an optional parameter counts as absent.
    ...(place === 'query' && !required.includes(name) && { allowEmptyValue: true }),
    ...(typeof schema === 'object' && schema.description !== undefined && { description: schema.description }),
    schema,
  }));
}

/**
 * Creates a function that describes schemas in their input form. Schemas with a name are added to `named` and referred
 * to.
 */
function createDescriber(named: Record<string, Schema>): Describer {
  return (schema) => {
    const { $schema, $defs = {}, ...described } = z.toJSONSchema(schema, { io: 'input', override });
    for (const [name, definition] of Object.entries($defs)) named[name] ??= referring(definition);
    return referring(described);
  };
}

const referring = (schema: Schema): Schema =>
  JSON.parse(JSON.stringify(schema).replaceAll('"$ref":"#/$defs/', '"$ref":"#/components/schemas/'));

/** Corrects the JSON schema that zod creates. */
function override({ zodSchema, jsonSchema }: { zodSchema: z.core.$ZodTypes; jsonSchema: Schema }): void {
  const { def } = zodSchema._zod;
  // zod would leave out defaults and examples of values that are converted, because they may not be values to send.
  if (def.type === 'default') jsonSchema.default = def.defaultValue as number;
  const { examples } = z.globalRegistry.get(zodSchema) ?? {};
  if (Array.isArray(examples)) jsonSchema.examples = examples;
  // These bounds are not worth stating: every exact JSON integer lies between them.
  if (jsonSchema.minimum === Number.MIN_SAFE_INTEGER) delete jsonSchema.minimum;
  if (jsonSchema.maximum === Number.MAX_SAFE_INTEGER) delete jsonSchema.maximum;
}
