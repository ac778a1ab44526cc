import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { fieldsOf, limitsOf, type Schema, typeOf } from '../../src/pages/reference/fields.js';
import { html, prose } from '../../src/pages/reference/html.js';
import { placeholdersOf } from '../../src/rest/placeholders.js';

/** How the page of the REST endpoints tells of schemas. */

const jsonSchema = (schema: z.ZodType): Schema => z.toJSONSchema(schema, { io: 'input' });

describe('what a value is', () => {
  test.each([
    [z.string(), 'string'],
    [z.string().nullable(), 'string or null'],
    [z.enum(['OPEN', 'CLOSED']), 'OPEN | CLOSED'],
    [z.literal(true), 'true'],
    [z.array(z.string()), 'list of string'],
    [z.array(z.object({ id: z.string() })), 'list of object'],
    [z.unknown(), 'any JSON'],
    [z.union([z.string(), z.number()]), 'string or number'],
  ])('is told in words: %#', (schema, words) => {
    expect(typeOf(jsonSchema(schema))).toBe(words);
  });

  test.each([
    [z.int(), []],
    [z.int().min(1).max(100).default(20), ['from 1 to 100', '20 when left out']],
    [z.string().max(255).nullable(), ['at most 255 characters']],
    [z.array(z.string()).min(1), ['at least 1 entries']],
  ])('is told with its limits: %#', (schema, limits) => {
    expect(limitsOf(jsonSchema(schema))).toEqual(limits);
  });
});

test('the fields of what lies in each other are told with their places', () => {
  const customer = z.object({ id: z.string().describe('Its id.'), email: z.string().optional() });
  const page = z.object({ items: z.array(customer), owner: customer.nullable() });
  const fields = fieldsOf(jsonSchema(page)).map(({ name, isRequired }) => `${name}${isRequired ? '' : '?'}`);
  expect(fields).toEqual(['items', 'items[].id', 'items[].email?', 'owner', 'owner.id', 'owner.email?']);
  expect(fieldsOf(jsonSchema(z.array(customer)))[0]).toEqual({
    name: '[].id',
    type: 'string',
    isRequired: true,
    description: 'Its id.',
    limits: [],
  });
});

test('text stays text', () => {
  expect(html`<p title="${'"a" & <b>'}">${prose('Use `<id>`.')}${null}</p>`.text).toBe(
    '<p title="&quot;a&quot; &amp; &lt;b&gt;">Use <code>&lt;id&gt;</code>.</p>',
  );
});

test('what a request must name is there to be replaced', () => {
  const parameters = z.object({
    id: z.string().regex(/^ctc_[A-Za-z0-9]+$/),
    externalId: z.string(),
    teamId: z.uuid(),
    customerId: z.string().regex(/^([\da-f]{8}|ctc_[A-Za-z0-9]+)$/),
    kind: z.enum(['A', 'B']),
    limit: z.int().default(20),
  });
  const placeholders = placeholdersOf(parameters);
  expect(placeholders).toMatchObject({ id: 'ctc_EXAMPLE', externalId: 'YOUR_EXTERNAL_ID', kind: 'A' });
  expect(parameters.parse(placeholders)).toMatchObject({ limit: 20 });
});
