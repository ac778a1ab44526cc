import { raw } from '../../db/database.js';
import { readNodeId } from '../../db/global-id.js';
import { textField, timeField } from '../../db/lists/fields.js';
import { type Comparator, compares, type FilterField, type Path } from '../../db/lists/filter.js';
import { defineList } from '../../db/lists/listing.js';
import { timeKey } from '../../db/lists/sort-keys.js';
import { events } from '../../db/reading/tables.js';
import { idOfUuid, isUuid } from '../customer/lookup/customer.lookup.js';

/** The events of the workspace, the latest first by default. */
export const auditList = defineList({
  name: 'Audit',
  what: 'changes',
  table: events,
  filter: {
    type: textField('type', 'By type, such as "customer.updated".'),
    entityId: anyIdField('entityId', 'By the id of the changed object, which may be deleted.'),
    actorId: anyIdField(
      'actorId',
      'By the agent or key that made the change; isNull: true for changes of the operator.',
    ),
    occurredAt: timeField('occurredAt', 'By the time of the change.'),
  },
  order: { keys: { OCCURRED_AT: timeKey('occurredAt', 'The time of the change.') } },
  first: ['OCCURRED_AT', 'DESC'],
});

/** A global id, a plain id of any object, including those that are not nodes, such as keys, or the uuid of a customer. */
function anyIdField(column: string, description: string): FilterField<Comparator<string>> {
  const decode = (value: string, path: Path, workspaceId: string): unknown => {
    if (isUuid(value.toLowerCase())) return idOfUuid(workspaceId, value.toLowerCase());
    return /^[a-z]{3}_[A-Za-z0-9_-]{1,120}$/.test(value) ? value : readNodeId(value, path).id;
  };
  return { operand: 'ID', description, condition: compares(raw(`r."${column}"`), 'text', decode) };
}
