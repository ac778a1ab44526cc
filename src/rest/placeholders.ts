import { z } from 'zod';

/** An example value for each required parameter. The reader replaces the placeholders of ids and names. */
export function placeholdersOf(parameters: z.ZodObject): Record<string, unknown> {
  const { properties = {}, required = [] } = z.toJSONSchema(parameters, { io: 'input', unrepresentable: 'any' });
  return Object.fromEntries(required.map((name) => [name, placeholderOf(name, properties[name])]));
}

function placeholderOf(name: string, schema: z.core.JSONSchema._JSONSchema | undefined): unknown {
  const { enum: values, format, pattern = '', examples } = typeof schema === 'object' ? schema : {};
  if (Array.isArray(examples) && examples.length > 0) return examples[0];
  if (values) return values[0];
  if (format === 'uuid') return '00000000-0000-4000-8000-000000000000';
  const [, prefix] = /([a-z]+_)\[/.exec(pattern) ?? [];
  return prefix === undefined ? `YOUR_${name.replaceAll(/(?=[A-Z])/g, '_').toUpperCase()}` : `${prefix}EXAMPLE`;
}
