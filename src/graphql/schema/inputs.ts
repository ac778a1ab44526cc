import type { InputRef } from '@pothos/core';
import type { Comparator, TextListComparator } from '../../db/reading/filter.js';
import type { Direction } from '../../db/reading/keyset.js';
import { builder } from './builder.js';

/** The input types that all lists share: comparators and orders. */

const OrderDirection = builder.enumType('OrderDirection', {
  description: 'Which end of an order comes first.',
  values: {
    ASC: { description: 'Smallest, oldest or first in the alphabet at the top.' },
    DESC: { description: 'Largest, newest or last in the alphabet at the top.' },
  },
});

/** The order input of a list. */
export function orderInput<Field extends string>(
  name: string,
  field: InputRef<Field>,
): InputRef<{ field: Field; direction: Direction }> {
  const input = builder.inputType(name, {
    description: 'What a list is sorted by. Rows that are equal in it are sorted by id.',
    fields: (t) => ({
      field: t.field({ type: field as InputRef<unknown>, required: true, description: 'The sort key.' }),
      direction: t.field({ type: OrderDirection, required: true, description: 'Which end comes first.' }),
    }),
  });
  return input as InputRef<unknown> as InputRef<{ field: Field; direction: Direction }>;
}

// The refs of scalars and of generic enums reach the builder as refs of unknown values; the results say which.
type AnyInput = InputRef<unknown> | 'ID' | 'String' | 'Int' | 'BigInt' | 'DateTime';

/** A comparator for values that are equal or not. */
function equality<Value>(name: string, what: string, type: AnyInput): InputRef<Comparator<Value>> {
  const input = builder.inputType(name, {
    description: `What a filter asks of ${what}; all of it must hold.`,
    fields: (t) => ({
      eq: t.field({ type: type as InputRef<unknown>, description: 'Equal to this.' }),
      in: t.field({ type: [type as InputRef<unknown>], description: 'Equal to one of these, at most 100.' }),
      isNull: t.boolean({ description: 'True for rows without a value, false for rows with one.' }),
    }),
  });
  return input as InputRef<unknown> as InputRef<Comparator<Value>>;
}

/** A comparator for values that have an order. */
function ordered<Value>(name: string, what: string, type: AnyInput): InputRef<Comparator<Value>> {
  const input = builder.inputType(name, {
    description: `What a filter asks of ${what}; all of it must hold.`,
    fields: (t) => ({
      eq: t.field({ type: type as InputRef<unknown>, description: 'Equal to this.' }),
      in: t.field({ type: [type as InputRef<unknown>], description: 'Equal to one of these, at most 100.' }),
      gt: t.field({ type: type as InputRef<unknown>, description: 'Greater or later than this.' }),
      gte: t.field({ type: type as InputRef<unknown>, description: 'Greater or later than this, or equal to it.' }),
      lt: t.field({ type: type as InputRef<unknown>, description: 'Smaller or earlier than this.' }),
      lte: t.field({ type: type as InputRef<unknown>, description: 'Smaller or earlier than this, or equal to it.' }),
      isNull: t.boolean({ description: 'True for rows without a value, false for rows with one.' }),
    }),
  });
  return input as InputRef<unknown> as InputRef<Comparator<Value>>;
}

/** The comparator of an enum. */
export const enumComparator = <Value extends string>(
  name: string,
  type: InputRef<Value>,
): InputRef<Comparator<Value>> => equality(`${name}Comparator`, `a ${name}`, type);

export const IDComparator = equality<string>('IDComparator', 'an id, global or plain', 'ID');
export const StringComparator = equality<string>('StringComparator', 'a text', 'String');
export const IntComparator = ordered<number>('IntComparator', 'a number', 'Int');
export const BigIntComparator = ordered<bigint | number>('BigIntComparator', 'a large number', 'BigInt');
export const DateTimeComparator = ordered<Date>('DateTimeComparator', 'a time', 'DateTime');

export const StringListComparator = builder.inputRef<TextListComparator>('StringListComparator').implement({
  description: 'What a filter asks of a list of texts; all of it must hold.',
  fields: (t) => ({
    hasAll: t.stringList({ description: 'Each of these is in the list.' }),
    hasAny: t.stringList({ description: 'One of these is in the list.' }),
    isEmpty: t.boolean({ description: 'True for empty lists, false for the others.' }),
  }),
});
