import { z } from 'zod';
import { encodeGlobalId, type NodeType } from './global-id.js';

/**
 * A field of a noun, written once for the files that exports write and imports read, and for the entity of webhooks.
 * `Filed` and `Shown` are what exports and webhooks have read of the noun: its row and what else they need.
 */
export interface RecordField<Row, Filed, Shown> {
  /** The columns it is made of; the one of its own name when left out. */
  of?: keyof Row | readonly (keyof Row)[];
  /** What an import takes; absent: it cannot be imported. */
  rule?: z.ZodType;
  /** What an export says; the column when left out, false for nothing. */
  file?: false | ((source: Filed) => unknown);
  /** What webhooks say, which is what the graph shows; the column when left out, false for nothing. */
  entity?: false | ((source: Shown) => unknown);
}

type ColumnsOf<Fields> = {
  [Name in keyof Fields]: Fields[Name] extends { of: infer Of }
    ? Of extends readonly (infer Column)[]
      ? Column
      : Of
    : Name;
}[keyof Fields];

/** The columns that no field is made of, each with the reason. Every entity has an id and is of one workspace. */
type KeptOut<Row, Fields> = Readonly<Record<Exclude<keyof Row, ColumnsOf<Fields> | 'id' | 'workspaceId'>, string>>;

type Rules<Fields> = {
  [Name in keyof Fields as Fields[Name] extends { rule: z.ZodType } ? Name : never]: Fields[Name] extends {
    rule: infer Rule extends z.ZodType;
  }
    ? Rule
    : never;
};

/**
 * The record of a noun: its fields, and the columns that none of them is made of. A column that is in neither, as a new
 * one of the model, does not compile.
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
    /** What an import takes; unknown keys are refused. */
    schema: z.strictObject(rules as Rules<Fields>),

    /** The columns that take what an import gives as it is; null where it gives nothing. */
    row: (item: object) =>
      Object.fromEntries(stored.map(({ name, of }) => [of, Reflect.get(item, name) ?? null])) as Partial<Row>,

    /** What an export says, which `schema` takes; of some fields when they are named. */
    line: (source: Filed, names?: readonly (keyof Fields)[]) =>
      read(names ? filed.filter(([name]) => names.includes(name)) : filed, source),

    /** What webhooks say: the node as the graph shows it, its relations as plain ids. */
    entity: (source: Shown) => ({
      __typename: type,
      id: encodeGlobalId(type, source.id),
      databaseId: source.id,
      ...read(shown, source),
    }),
  };
}
