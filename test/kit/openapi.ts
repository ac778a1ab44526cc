import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import formats from 'ajv-formats';

/** The description at /openapi.json, and its schemas as JSON Schema has them. */

export type JsonSchema = Readonly<Record<string, unknown>>;

export interface Parameter {
  allowEmptyValue?: boolean;
  name: string;
  in: 'path' | 'query' | 'header';
  required: boolean;
  schema: JsonSchema;
}

export interface Media {
  schema: JsonSchema;
  example?: unknown;
}

export interface Operation {
  operationId: string;
  security?: Record<string, string[]>[];
  tags: string[];
  parameters: Parameter[];
  requestBody?: { required: boolean; content: { 'application/json': Media } };
  responses: Record<string, { description: string; content?: { 'application/json': Media } }>;
  'x-graphql-operation': string;
}

export interface Description {
  openapi: string;
  components: { securitySchemes: object; schemas: Record<string, JsonSchema> };
  paths: Record<string, Record<string, Operation>>;
}

/** One operation and where it is. */
export interface Described {
  /** "GET /v1/customers". */
  title: string;
  method: string;
  path: string;
  operation: Operation;
}

/** As it is served: schemas with a name are referred to. */
export async function fetchDescription(origin: string): Promise<Description> {
  const response = await fetch(`${origin}/openapi.json`);
  return (await response.json()) as Description;
}

export const readDescription = async (origin: string): Promise<Description> => written(await fetchDescription(origin));

/** With each schema where it is referred to. */
export function written(description: Description): Description {
  const inlined = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(inlined);
    if (typeof value !== 'object' || value === null) return value;
    const { $ref, ...others } = value as JsonSchema;
    const own = Object.fromEntries(Object.entries(others).map(([name, inner]) => [name, inlined(inner)]));
    if (typeof $ref !== 'string') return own;
    const named = description.components.schemas[$ref.slice(references.length)];
    if (!$ref.startsWith(references) || !named) throw new Error(`${$ref} leads nowhere.`);
    return { ...(inlined(named) as object), ...own };
  };
  return { ...description, paths: inlined(description.paths) as Description['paths'] };
}

const references = '#/components/schemas/';

export const operationsOf = ({ paths }: Description): Described[] =>
  Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([lower, operation]) => {
      const method = lower.toUpperCase();
      return { title: `${method} ${path}`, method, path, operation };
    }),
  );

/** Compiles schemas, strictly: what it does not know fails. Each one once. */
export function createCompiler(): (schema: JsonSchema) => ValidateFunction {
  const ajv = new Ajv2020({ strict: true, allowUnionTypes: true, allErrors: true });
  formats.default(ajv);
  const compiled = new Map<string, ValidateFunction>();
  return (schema) => {
    const text = JSON.stringify(schema);
    const validate = compiled.get(text) ?? ajv.compile(schema);
    compiled.set(text, validate);
    return validate;
  };
}
