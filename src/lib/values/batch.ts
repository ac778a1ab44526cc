import { z } from 'zod';
import { AppError, at, describeError, type ErrorDescription, SeveralErrors } from '../../errors.js';
import { inputMeta } from './validation.js';

/** A call with many items, some of which may be refused. */

export const errorPolicy = z
  .enum(['ALL_OR_NOTHING', 'PER_ITEM'])
  .register(inputMeta, { type: 'ErrorPolicy' })
  .describe('Whether the other items are written when one is refused.');

export type ErrorPolicy = z.output<typeof errorPolicy>;

/** How refused items of an input are treated. */
export interface BatchOptions {
  policy: ErrorPolicy;
  /** The path of an item in the input. */
  pathOf(index: number): readonly (string | number)[];
}

/** The result for one item. */
export interface ItemOutcome<Value> {
  index: number;
  /** Null when the item was refused. */
  value: Value | null;
  /** Why it was refused; empty when it was not. */
  errors: ErrorDescription[];
}

/** The result of `work` for each item, or the reason why the item was refused. */
export function attemptEach<Item, Value>(
  items: readonly (Item | AppError)[],
  pathOf: BatchOptions['pathOf'],
  work: (item: Item, index: number) => Value,
): (Value | AppError)[] {
  return items.map((item, index) => {
    if (item instanceof AppError) return item;
    try {
      return work(item, index);
    } catch (error) {
      if (error instanceof AppError) return at(pathOf(index), error);
      throw error;
    }
  });
}

/** The items that were not refused. */
export const usableOf = <Item>(items: readonly (Item | AppError)[]): Item[] =>
  items.filter((item): item is Item => !(item instanceof AppError));

/** @throws SeveralErrors with all errors if the policy is that one refused item refuses all. */
export function requireAll(outcomes: readonly unknown[], policy: ErrorPolicy): void {
  if (policy === 'PER_ITEM') return;
  const [first, ...others] = outcomes.filter((outcome) => outcome instanceof AppError);
  if (first) throw others.length === 0 ? first : new SeveralErrors([first, ...others]);
}

/** The results in the form in which callers get them. */
export const outcomesOf = <Value>(outcomes: readonly (Value | AppError)[]): ItemOutcome<Value>[] =>
  outcomes.map((outcome, index) =>
    outcome instanceof AppError
      ? { index, value: null, errors: describeError(outcome) }
      : { index, value: outcome, errors: [] },
  );
