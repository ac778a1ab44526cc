import type { InputRef } from '@pothos/core';
import type { EnumName } from '../../db/enums.js';
import type { FilterFields, FilterOf, OperandKind } from '../../db/lists/filter.js';
import type { ListDefinition, Order } from '../../db/lists/listing.js';
import type { Direction } from '../../db/lists/ordering.js';
import { builder } from './builder.js';
import { enumNamed } from './enums.js';
import { nameInput } from './input.js';

/** Derives the inputs of lists from the filters and orders in their definitions. */

type Scalar = 'ID' | 'String' | 'Int' | 'BigInt' | 'DateTime';
// The list definition decides which values an input accepts; the builder sees one type for all.
type AnyInput = InputRef<unknown>;

const filterInputs = new Map<string, AnyInput>();

/** The filter input of a list: its fields and AND, OR and NOT combinations. */
export function filterInput<Row extends { id: string }, Fields extends FilterFields, OrderField extends string>({
  name,
  what,
  filter: fields,
}: ListDefinition<Row, Fields, OrderField>): InputRef<FilterOf<Fields>> {
  const known = filterInputs.get(name);
  if (known) return known as InputRef<FilterOf<Fields>>;
  const ref = builder.inputRef<object>(`${name}Filter`);
  filterInputs.set(name, nameInput(`${name}Filter`, ref));
  ref.implement({
    description: `A filter for ${what}. All of its conditions must hold.`,
    fields: (t) => ({
      and: t.field({ type: [ref], description: 'All of these filters must hold.' }),
      or: t.field({ type: [ref], description: 'At least one of these filters must hold.' }),
      not: t.field({ type: ref, description: 'This filter must not hold.' }),
      ...Object.fromEntries(
        Object.entries(fields).map(([field, { operand, description }]) => [
          field,
          t.field({ type: operandInput(operand), description }),
        ]),
      ),
    }),
  });
  return ref as AnyInput as InputRef<FilterOf<Fields>>;
}

function operandInput(operand: OperandKind): AnyInput {
  if (operand === 'TEXT') return 'String' as unknown as AnyInput;
  if (operand === 'FLAG') return 'Boolean' as unknown as AnyInput;
  if (operand === 'STRING_LIST') return StringListComparator;
  if (typeof operand === 'string') return comparators[operand];
  return enumComparator(operand.enum);
}

const OrderDirection = builder.enumType('OrderDirection', {
  description: 'The direction of an order.',
  values: {
    ASC: { description: 'Ascending: the smallest, the oldest or the first in the alphabet comes first.' },
    DESC: { description: 'Descending: the largest, the newest or the last in the alphabet comes first.' },
  },
});

const orderInputs = new Map<string, AnyInput>();

/** The order input of a list. Lists with the same order fields share the input. */
export function orderInput<Field extends string>({
  name,
  what,
  keys,
}: Order<never, Field>): InputRef<{ field: Field; direction: Direction }> {
  const known = orderInputs.get(name);
  if (known) return known as InputRef<{ field: Field; direction: Direction }>;
  const field = builder.enumType(`${name}OrderField`, {
    description: `The sort keys of ${what}.`,
    values: Object.fromEntries(
      Object.entries<{ description: string }>(keys).map(([value, { description }]) => [value, { description }]),
    ),
  });
  const input = builder.inputType(`${name}Order`, {
    description: 'The order of a list. Rows with equal sort keys are sorted by id.',
    fields: (t) => ({
      field: t.field({ type: field, required: true, description: 'The sort key.' }),
      direction: t.field({ type: OrderDirection, required: true, description: 'The sort direction.' }),
    }),
  });
  orderInputs.set(name, input as AnyInput);
  return input as InputRef<unknown> as InputRef<{ field: Field; direction: Direction }>;
}

/** A comparator for equality, or also for ordering. */
function comparator(name: string, what: string, type: Scalar | AnyInput, { isOrdered = false } = {}): AnyInput {
  const operand = type as AnyInput;
  return builder.inputType(name, {
    description: `A filter on ${what}. All of its conditions must hold.`,
    fields: (t) => ({
      eq: t.field({ type: operand, description: 'Equal to this.' }),
      in: t.field({ type: [operand], description: 'Equal to one of these, at most 100.' }),
      ...(isOrdered && {
        gt: t.field({ type: operand, description: 'Greater or later than this.' }),
        gte: t.field({ type: operand, description: 'Greater or later than this, or equal to it.' }),
        lt: t.field({ type: operand, description: 'Smaller or earlier than this.' }),
        lte: t.field({ type: operand, description: 'Smaller or earlier than this, or equal to it.' }),
      }),
      isNull: t.boolean({ description: 'True for rows without a value, false for rows with one.' }),
    }),
  }) as AnyInput;
}

const comparators: Record<Scalar, AnyInput> = {
  ID: comparator('IDComparator', 'an id, global or plain', 'ID'),
  String: comparator('StringComparator', 'a text', 'String'),
  Int: comparator('IntComparator', 'a number', 'Int', { isOrdered: true }),
  BigInt: comparator('BigIntComparator', 'a large number', 'BigInt', { isOrdered: true }),
  DateTime: comparator('DateTimeComparator', 'a time', 'DateTime', { isOrdered: true }),
};

const enumComparators = new Map<EnumName, AnyInput>();

function enumComparator(name: EnumName): AnyInput {
  const known = enumComparators.get(name) ?? comparator(`${name}Comparator`, `a value of ${name}`, enumNamed(name));
  enumComparators.set(name, known);
  return known;
}

const StringListComparator = builder.inputType('StringListComparator', {
  description: 'A filter on a list of texts. All of its conditions must hold.',
  fields: (t) => ({
    hasAll: t.stringList({ description: 'The list contains all of these.' }),
    hasAny: t.stringList({ description: 'The list contains at least one of these.' }),
    isEmpty: t.boolean({ description: 'True for empty lists, false for the others.' }),
  }),
}) as AnyInput;
