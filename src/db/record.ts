import { z } from 'zod';
import { encodeGlobalId, type NodeType } from './global-id.js';

/**
 * A field of a record, defined once for the files of exports and imports and for the entities of webhooks. `Filed` and
 * `Shown` are the data that exports and webhooks have read: the row and what else the fields need.
 */
export interface RecordField<Row, Filed, Shown> {
  /** The columns from which it is made; the column with its name when left out. */
  of?: keyof Row | readonly (keyof Row)[];
  /** The rule for imports. When absent, it cannot be imported. */
  rule?: z.ZodType;
  /** Its value in exports; the column when left out, false for none. */
  file?: false | ((source: Filed) => unknown);
  /** Its value in webhooks, which is that of the graph; the column when left out, false for none. */
  entity?: false | ((source: Shown) => unknown);
}

type ColumnsOf<Fields> = {
  [Name in keyof Fields]: Fields[Name] extends { of: infer Of }
    ? Of extends readonly (infer Column)[]
      ? Column
      : Of
    : Name;
}[keyof Fields];

/** The columns that are in no field, each with the reason. Every entity has an id and a workspace. */
type KeptOut<Row, Fields> = Readonly<Record<Exclude<keyof Row, ColumnsOf<Fields> | 'id' | 'workspaceId'>, string>>;

type Rules<Fields> = {
  [Name in keyof Fields as Fields[Name] extends { rule: z.ZodType } ? Name : never]: Fields[Name] extends {
    rule: infer Rule extends z.ZodType;
  }
    ? Rule
    : never;
};

/**
 * The record of an entity: its fields, and the columns that are in none of them. A column that is in neither, such as a
 * new one, is a compile error.
 */
export const defineRecord = <
  Row extends { id: string },
  Filed extends object = Row,
  Shown extends { id: string } = Row,
>(
  type: NodeType,
) => ({
  fields: <const Fields extends Readonly<Record<string, RecordField<Row, Filed, Shown>>>>(fields: Fields) => ({
    omitting: (_reasons: KeptOut<Row, Fields>) => recordOf<Fields, Row, Filed, Shown>(type, fields),
  }),
});

function recordOf<
  Fields extends Readonly<Record<string, RecordField<Row, Filed, Shown>>>,
  Row,
  Filed extends object,
  Shown extends { id: string },
>(type: NodeType, fields: Fields) {
  type Field = RecordField<Row, Filed, Shown>;
  type Readers<Source> = readonly (readonly [name: string, read: (source: Source) => unknown])[];
  const entries = Object.entries<Field>(fields);

  const readersOf = <Source extends object>(
    readerOf: (field: Field) => false | ((source: Source) => unknown) | undefined,
  ): Readers<Source> =>
    entries.flatMap(([name, field]) => {
      const read = readerOf(field);
      if (read === false) return [];
      const column = typeof field.of === 'string' ? field.of : name;
      return [[name, read ?? ((source: Source): unknown => Reflect.get(source, column))] as const];
    });
  const read = <Source>(readers: Readers<Source>, source: Source) =>
    Object.fromEntries(readers.map(([name, of]) => [name, of(source)]));

  const filed = readersOf<Filed>(({ file }) => file);
  const shown = readersOf<Shown>(({ entity }) => entity);
  const rules = Object.fromEntries(entries.flatMap(([name, { rule }]) => (rule ? [[name, rule]] : [])));
  const stored = entries.flatMap(([name, { rule, file, of = name }]) =>
    rule && file === undefined ? [{ name, of }] : [],
  );

  return {
    /** The schema of an imported item. Unknown keys are refused. */
    schema: z.strictObject(rules as Rules<Fields>),

    /** The columns that take imported values unchanged; null where the item has none. */
    row: (item: object) =>
      Object.fromEntries(stored.map(({ name, of }) => [of, Reflect.get(item, name) ?? null])) as Partial<Row>,

    /** A line of an export, which `schema` accepts. With `names`, only these fields. */
    line: (source: Filed, names?: readonly (keyof Fields)[]) =>
      read(names ? filed.filter(([name]) => names.includes(name)) : filed, source),

    /** The entity in webhooks: the node as the graph shows it, with relations as plain ids. */
    entity: (source: Shown) => ({
      __typename: type,
      id: encodeGlobalId(type, source.id),
      databaseId: source.id,
      ...read(shown, source),
    }),
  };
}
