import { badInput } from '../../errors.js';
import { Prisma } from '../../generated/prisma/client.js';
import { keyForm } from '../../lib/values/validation.js';
import { join, raw, type Sql, sql } from '../database.js';
import type { EnumName } from '../enums.js';

/** The comparisons of one field. The input types of the graph decide which of them a type allows. */
export interface Comparator<Value> {
  eq?: Value | null | undefined;
  in?: readonly Value[] | null | undefined;
  gt?: Value | null | undefined;
  gte?: Value | null | undefined;
  lt?: Value | null | undefined;
  lte?: Value | null | undefined;
  isNull?: boolean | null | undefined;
}

/** The comparisons of a list of texts. */
export interface TextListComparator {
  hasAll?: readonly string[] | null | undefined;
  hasAny?: readonly string[] | null | undefined;
  isEmpty?: boolean | null | undefined;
}

export type Path = readonly (string | number)[];

/** Turns one field's part of a filter into a condition on the rows `r` of a workspace. */
export type FieldCondition<Operand> = (operand: Operand, path: Path, workspaceId: string) => Sql;

/** A filter field of a list. One definition gives the TypeScript type, the SQL and the input of the graph. */
export interface FilterField<Operand> {
  /** The kind of operand; the graph has one input type for each. */
  readonly operand: OperandKind;
  /** The description of the field in the graph. */
  readonly description: string;
  readonly condition: FieldCondition<Operand>;
  /** True where some values occur in few rows and others in many, so that no single plan is good for all. */
  readonly isUneven?: boolean;
}

/** TEXT is a plain string and FLAG a Boolean; the others are comparators. */
export type OperandKind =
  | 'ID'
  | 'String'
  | 'Int'
  | 'BigInt'
  | 'DateTime'
  | 'STRING_LIST'
  | 'TEXT'
  | 'FLAG'
  | { enum: EnumName };

/** The fields of a list by their names in its filter. */
export type FilterFields = Readonly<Record<string, FilterField<never>>>;

type OperandOf<Field> = Field extends FilterField<infer Operand> ? Operand : never;

/** The type of a filter with these fields. */
export type FilterOf<Fields> = { [Name in keyof Fields]?: OperandOf<Fields[Name]> | null | undefined } & {
  and?: readonly FilterOf<Fields>[] | null | undefined;
  or?: readonly FilterOf<Fields>[] | null | undefined;
  not?: FilterOf<Fields> | null | undefined;
};

const maxDepth = 5;
const maxList = 100;
export const maxConditions = 500;

/**
 * The SQL conditions of a filter: its fields and its and/or/not. All of them must hold.
 * @throws BAD_USER_INPUT for a null value, nesting deeper than 5, a list longer than 100, or more than 500 conditions:
 * a statement can have 65,535 values, and each condition costs time for every row.
 */
export function conditionsOf<Fields extends FilterFields>(
  filter: FilterOf<Fields>,
  fields: Fields,
  workspaceId: string,
  path: Path = ['filter'],
  depth = 1,
  budget = { left: maxConditions },
): Sql[] {
  const inner = (part: FilterOf<Fields>, here: Path): Sql =>
    all(conditionsOf(part, fields, workspaceId, here, depth + 1, budget));
  if (depth > maxDepth) throw badInput(path, `Filters nest at most ${maxDepth} deep.`);
  const conditions: Sql[] = [];
  for (const [name, value] of Object.entries(filter)) {
    if (value === undefined) continue;
    const here = [...path, name];
    budget.left -= 1;
    if (budget.left < 0) throw badInput(here, `A filter has at most ${maxConditions} conditions.`);
    if (value === null) throw badInput(here, 'null is no condition; leave the field out, or use isNull.');
    if (name === 'and' || name === 'or') {
      const parts = bounded(value, here).map((part, index) => inner(part as FilterOf<Fields>, [...here, index]));
      conditions.push(name === 'and' ? all(parts) : any(parts));
    } else if (name === 'not') {
      conditions.push(sql`NOT COALESCE(${inner(value as FilterOf<Fields>, here)}, false)`);
    } else {
      const { condition } = fields[name] as FilterField<unknown>;
      conditions.push(condition(value, here, workspaceId));
    }
  }
  return conditions;
}

/** Whether the filter uses the field anywhere. */
export function mentions<Fields extends FilterFields>(
  filter: FilterOf<Fields> | null | undefined,
  field: keyof Fields,
): boolean {
  if (!filter) return false;
  const parts = [...(filter.and ?? []), ...(filter.or ?? []), filter.not];
  return filter[field] != null || parts.some((part) => mentions<Fields>(part, field));
}

const all = (parts: readonly Sql[]): Sql => (parts.length > 0 ? sql`(${join(parts, ' AND ')})` : raw('true'));
const any = (parts: readonly Sql[]): Sql => (parts.length > 0 ? sql`(${join(parts, ' OR ')})` : raw('false'));

const operators = { eq: '=', gt: '>', gte: '>=', lt: '<', lte: '<=' } as const;

/**
 * Compares a column of a PostgreSQL type. `decode` converts a client's value to that of the column, or throws
 * BAD_USER_INPUT at the given path. It may return a statement that selects the value. With `standsFor` the values are
 * names of other values: it turns a condition on a name, such as `= $1`, into a statement that selects the values of
 * the names.
 */
export function compares<Value>(
  column: Sql,
  type: string,
  decode: (value: Value, path: Path, workspaceId: string) => unknown = (value) => value,
  standsFor?: (condition: Sql, workspaceId: string) => Sql,
): FieldCondition<Comparator<Value>> {
  const cast = raw(`::${type}`);
  const castList = raw(`::${type}[]`);
  return (comparator, path, workspaceId) => {
    const conditions: Sql[] = [];
    for (const [operator, operand] of Object.entries(comparator)) {
      if (operand === undefined) continue;
      const here = [...path, operator];
      if (operand === null) throw badInput(here, 'null is no operand; use isNull.');
      if (operator === 'isNull') {
        conditions.push(sql`${column} ${operand ? isNull : isNotNull}`);
      } else if (operator === 'in') {
        const values = bounded(operand, here).map((value, index) =>
          decode(value as Value, [...here, index], workspaceId),
        );
        const among = sql`= ANY(${listOf(values)}${castList})`;
        conditions.push(sql`${column} ${standsFor ? sql`= ANY(ARRAY(${standsFor(among, workspaceId)}))` : among}`);
      } else {
        const sign = raw(operators[operator as keyof typeof operators]);
        const value = sql`${sign} ${decode(operand as Value, here, workspaceId)}${cast}`;
        conditions.push(sql`${column} ${standsFor ? sql`= (${standsFor(value, workspaceId)})` : value}`);
      }
    }
    return all(conditions);
  };
}

/** A list of values, some of which may be statements. Without statements it becomes a single value. */
const listOf = (values: readonly unknown[]): unknown =>
  values.some((value) => value instanceof Prisma.Sql) ? sql`ARRAY[${join([...values])}]` : values;

/** Compares a list-of-text column by its elements. */
export function comparesList(column: Sql): FieldCondition<TextListComparator> {
  const notEmpty = sql`cardinality(${column}) > 0`;
  return (comparator, path) => {
    const conditions: Sql[] = [];
    for (const [operator, operand] of Object.entries(comparator)) {
      if (operand === undefined) continue;
      const here = [...path, operator];
      if (operand === null) throw badInput(here, 'null is no operand.');
      if (operator === 'isEmpty') {
        conditions.push(operand ? sql`cardinality(${column}) = 0` : notEmpty);
      } else {
        const values = bounded(operand, here).map((value, index) =>
          keyForm(plainText(value as string, [...here, index])),
        );
        // The index may leave out rows with an empty list, which are the majority.
        if (values.length > 0) conditions.push(notEmpty);
        conditions.push(sql`${column} ${operator === 'hasAll' ? raw('@>') : raw('&&')} ${values}::text[]`);
      }
    }
    return all(conditions);
  };
}

/** A Boolean field that compares a condition. */
export function holds(condition: Sql): FieldCondition<boolean> {
  return (value) => (value ? condition : sql`NOT (${condition})`);
}

export const maxTextLength = 1_000;

/** A text that PostgreSQL can compare. @throws BAD_USER_INPUT for NUL or more than 1,000 characters */
export function plainText(value: string, path: Path): string {
  if (value.includes('\0')) throw badInput(path, 'A text must not contain a NUL character.');
  if (value.length > maxTextLength) throw badInput(path, `A text to compare has at most ${maxTextLength} characters.`);
  return value;
}

function bounded(list: unknown, path: Path): readonly unknown[] {
  const values = list as readonly unknown[];
  if (values.length > maxList) throw badInput(path, `A list in a filter has at most ${maxList} elements.`);
  return values;
}

const isNull = raw('IS NULL');
const isNotNull = raw('IS NOT NULL');
