import { raw } from '../../db/database.js';
import { readNodeId } from '../../db/global-id.js';
import { textField, timeField } from '../../db/lists/fields.js';
import { type Comparator, compares, type FilterField, type Path } from '../../db/lists/filter.js';
import { defineList, type ListArgumentsOf } from '../../db/lists/listing.js';
import { timeKey } from '../../db/lists/sort-keys.js';
import { events } from '../../db/reading/tables.js';

/** The workspace's events, the latest first unless said otherwise. */
export const auditList = defineList({
  name: 'Audit',
  what: 'changes',
  table: events,
  filter: {
    type: textField('type', 'By what happened, such as "customer.updated".'),
    entityId: anyIdField('entityId', 'By what was changed, also when it is gone.'),
    actorId: anyIdField('actorId', 'By the agent or key that did it; isNull: true for what the operator did.'),
    occurredAt: timeField('occurredAt', 'By when it was done.'),
  },
  order: { name: 'Audit', what: 'changes', keys: { OCCURRED_AT: timeKey('occurredAt', 'When they were made.') } },
  first: ['OCCURRED_AT', 'DESC'],
});

export type AuditListArguments = ListArgumentsOf<typeof auditList>;

/** A global id, or the plain id of anything, also of what is no node, such as a key. */
function anyIdField(column: string, description: string): FilterField<Comparator<string>> {
  const decode = (value: string, path: Path): string =>
    /^[a-z]{3}_[A-Za-z0-9_-]{1,120}$/.test(value) ? value : readNodeId(value, path).id;
  return { operand: 'ID', description, condition: compares(raw(`r."${column}"`), 'text', decode) };
}
