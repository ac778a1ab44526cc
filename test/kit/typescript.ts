import type { JsonSchema } from './openapi.js';

/** JSON Schema as TypeScript, for what /openapi.json needs of it. */

/** The declaration of a type with this name; `nameOf` says what a named schema is called. */
export function declarationOf(name: string, schema: JsonSchema, nameOf: (schema: string) => string): string {
  const type = typeOf(schema, nameOf, '');
  return /^\{.*\}$/s.test(type) ? `export interface ${name} ${type}` : `export type ${name} = ${type};`;
}

/** @param indent What the lines of the type begin with. */
function typeOf(schema: JsonSchema, nameOf: (schema: string) => string, indent: string): string {
  const inner = (one: JsonSchema, deeper = indent) => typeOf(one, nameOf, deeper);
  const { $ref, type, properties, required = [], items = {} } = schema as Shape;
  const choices = schema.anyOf ?? schema.oneOf;
  if ($ref !== undefined) return nameOf($ref.slice($ref.lastIndexOf('/') + 1));
  if (Array.isArray(choices)) return [...new Set(choices.map((choice) => inner(choice)))].join(' | ');
  if ('const' in schema) return literal(schema.const);
  if (Array.isArray(schema.enum)) return schema.enum.map(literal).join(' | ');
  if (Array.isArray(type)) return type.map((one) => inner({ ...schema, type: one })).join(' | ');
  if (type === 'array') return isUnion(items) ? `(${inner(items)})[]` : `${inner(items)}[]`;
  if (type === 'integer') return 'number';
  if (type !== 'object') return type ?? 'unknown';
  if (!properties) return 'Record<string, unknown>';
  const deeper = `${indent}  `;
  const lines = Object.entries(properties).map(([name, property]) => {
    const comment = property.description === undefined ? '' : `${deeper}/** ${commentOf(property)} */\n`;
    return `${comment}${deeper}${name}${required.includes(name) ? '' : '?'}: ${inner(property, deeper)};\n`;
  });
  return `{\n${lines.join('')}${indent}}`;
}

interface Shape {
  $ref?: string;
  type?: string | string[];
  properties?: Record<string, JsonSchema & { description?: string; default?: unknown }>;
  required?: string[];
  items?: JsonSchema;
}

const isUnion = ({ anyOf, oneOf, enum: values, type }: JsonSchema): boolean =>
  [anyOf, oneOf, values, type].some(Array.isArray);

const literal = (value: unknown): string =>
  typeof value === 'string' ? `'${value.replaceAll(/['\\]/g, '\\$&')}'` : JSON.stringify(value);

/** With the value that is taken when there is none. */
const commentOf = ({ description = '', default: usual }: { description?: string; default?: unknown }): string =>
  (usual === undefined ? description : `${description} ${String(usual)} when left out.`).replaceAll('*/', '* /');
