import { getDatamodel } from '../../generated/pothos.js';
import { raw } from '../database.js';
import type { RelatedRow, Selection } from '../lists/keyset.js';
import { isModel, type Table, tableOf } from './tables.js';

const { models } = getDatamodel().datamodel;

/** The foreign key column of a relation, besides the workspace; undefined if the other table has the foreign key. */
export const foreignKeyOf = (model: string, relation: string): string | undefined =>
  models[model]?.fields
    .find(({ name }) => name === relation)
    ?.relationFromFields?.find((column) => column !== 'workspaceId');

/**
 * The columns of a selection, plus the foreign keys of the related rows, for callers that load these with loaders. All
 * columns if there is no selection.
 */
export const columnsFor = (
  { model }: Pick<Table<object>, 'model'>,
  selection: Selection | undefined,
): readonly string[] | undefined =>
  selection?.columns && [
    ...selection.columns,
    ...Object.keys(selection.related ?? {}).flatMap((relation) => foreignKeyOf(model, relation) ?? []),
  ];

/** The related rows to fetch together with those of a table, recursively, by the relations of the data model. */
export function relatedRows(table: Pick<Table<object>, 'model'>, selection: Selection | undefined): RelatedRow[] {
  if (!selection?.related) return [];
  let rows = remembered.get(selection);
  if (!rows) {
    rows = rowsOf(table, selection, 'r');
    remembered.set(selection, rows);
  }
  return rows;
}

// A cache. Selections are cached by their document, and each is of one table.
const remembered = new WeakMap<Selection, RelatedRow[]>();

function rowsOf({ model }: Pick<Table<object>, 'model'>, { related = {} }: Selection, alias: string): RelatedRow[] {
  return Object.entries(related).flatMap(([name, selection]) => {
    const key = foreignKeyOf(model, name);
    const target = models[model]?.fields.find((field) => field.name === name)?.type ?? '';
    if (!key || !isModel(target)) return [];
    const table = tableOf(target);
    const own = alias === 'r' ? name : `${alias}.${name}`;
    return {
      name,
      alias: own,
      table,
      projection: table.project(selection.columns && [...selection.columns, 'id']),
      on: raw(`"${own}"."workspaceId" = "${alias}"."workspaceId" AND "${own}"."id" = "${alias}"."${key}"`),
      related: rowsOf(table, selection, own),
    };
  });
}
