import type { OpenApiDescription } from '../../rest/openapi.js';

/** What a JSON schema says, in words. */

type Operation = OpenApiDescription['paths'][string][string];
export type Schema = Operation['parameters'][number]['schema'];
type ObjectSchema = Exclude<Schema, boolean>;

/** A field of a body, with its place in it, such as "customer.tags[]". */
export interface Field {
  name: string;
  type: string;
  isRequired: boolean;
  description: string | undefined;
  limits: string[];
}

const deepest = 4;

/** The fields of an object, and of the objects in it. A list of objects counts as one of them. */
export function fieldsOf(schema: Schema, prefix = '', depth = 1): Field[] {
  const { object, name } = objectIn(schema, prefix);
  if (!object?.properties || depth > deepest) return [];
  const { properties, required = [] } = object;
  return Object.entries(properties).flatMap(([key, field]) => [
    {
      name: `${name}${key}`,
      type: typeOf(field),
      isRequired: required.includes(key),
      description: notNull(field).description,
      limits: limitsOf(field),
    },
    ...fieldsOf(field, `${name}${key}.`, depth + 1),
  ]);
}

function objectIn(schema: Schema, prefix: string): { object: ObjectSchema | undefined; name: string } {
  const value = notNull(schema);
  if (value.type === 'array' && value.items && !Array.isArray(value.items)) {
    return objectIn(value.items, prefix === '' ? '[].' : prefix.replace(/\.$/, '[].'));
  }
  return { object: value.properties ? value : undefined, name: prefix };
}

/** What a value is: "string or null", "list of objects", "ACTIVE | SUSPENDED". */
export function typeOf(schema: Schema): string {
  if (typeof schema === 'boolean' || schema.$ref !== undefined) return 'any JSON';
  const { anyOf, oneOf, enum: values, type, items, format } = schema;
  const branches = anyOf ?? oneOf;
  if (branches) return [...new Set(branches.map(typeOf))].join(' or ');
  if (schema.const !== undefined) return JSON.stringify(schema.const);
  if (values) return values.map(String).join(' | ');
  if (Array.isArray(type)) return type.join(' or ');
  if (type === 'array') return `list of ${items && !Array.isArray(items) ? typeOf(items) : 'any JSON'}`;
  if (type === undefined) return 'any JSON';
  return format === undefined ? type : `${type}, ${format}`;
}

/** The schema of a value that is not null. */
function notNull(schema: Schema): ObjectSchema {
  if (typeof schema === 'boolean') return {};
  const branch = (schema.anyOf ?? schema.oneOf)?.find((one) => typeof one === 'object' && one.type !== 'null');
  return typeof branch === 'object' ? { ...branch, ...described(schema) } : schema;
}

const described = ({ description, default: fallback }: ObjectSchema) => ({
  ...(description !== undefined && { description }),
  ...(fallback !== undefined && { default: fallback }),
});

/** What else holds for a value: "from 1 to 100", "20 when left out". */
export function limitsOf(schema: Schema): string[] {
  const { minimum, maximum, minLength, maxLength, minItems, maxItems, default: fallback } = notNull(schema);
  return [
    within(minimum, maximum, ''),
    within(minLength, maxLength, ' characters'),
    within(minItems, maxItems, ' entries'),
    fallback === undefined ? null : `${JSON.stringify(fallback)} when left out`,
  ].filter((limit) => limit !== null);
}

/** The bounds that every whole number of JSON has go without saying. */
function within(least: number | undefined, most: number | undefined, unit: string): string | null {
  const from = least === Number.MIN_SAFE_INTEGER ? undefined : least;
  const to = most === Number.MAX_SAFE_INTEGER ? undefined : most;
  if (from !== undefined && to !== undefined) return `from ${from} to ${to}${unit}`;
  if (to !== undefined) return `at most ${to}${unit}`;
  return from === undefined ? null : `at least ${from}${unit}`;
}
