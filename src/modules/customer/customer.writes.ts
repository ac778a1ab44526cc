import { isDeepStrictEqual } from 'node:util';
import type { Caller } from '../../auth/caller.js';
import type { Transaction } from '../../db/database.js';
import { newId } from '../../db/ids.js';
import type { Customer, CustomerSource, Prisma } from '../../generated/prisma/client.js';
import type { WriteResult } from '../../lib/values/changes.js';
import { nextVersion } from '../../lib/values/version.js';
import { recordEvents } from '../events/event.service.js';
import type { CustomerFields } from './customer.input.js';
import { mergeMetadata } from './customer.metadata.js';
import { settledEmails } from './lookup/customer.emails.js';
import { derivedFrom } from './phone/customer.phone.js';
import { endsSuspension, enqueueResumption } from './suspension/customer.suspension.js';

/** Writes of one customer, each together with its event. */

export interface CustomerWrite {
  customer: Customer;
  result: WriteResult;
  /** The names of the fields whose value changed; for a new customer, of all given fields. */
  changedFields: string[];
}

/** The fields that a write may set: those of the inputs, and those that other mutations set. */
export type CustomerChange = CustomerFields & { archivedAt?: Date | null };

/** Some columns with their values. The lifetime value is left out: JSON cannot hold it, and other code writes it. */
export type Columns = Partial<Omit<Customer, 'ltvMinor'>>;

/** The changes of a write, by field. */
export interface Changes {
  changedFields: string[];
  before: Columns;
  after: Columns;
}

/** The changes that writing these fields makes. @throws BAD_USER_INPUT when the metadata is too large. */
export function changesOf(customer: Customer, { metadata, ...fields }: CustomerChange): Changes {
  const wanted: Columns = { ...withoutUndefined(fields), ...settledEmails(fields, customer) };
  if (metadata) wanted.metadata = mergeMetadata(customer.metadata, metadata);
  const changedFields = (Object.keys(wanted) as (keyof Columns)[]).filter(
    (field) => !isDeepStrictEqual(wanted[field], customer[field]),
  );
  const pick = (row: Columns) => Object.fromEntries(changedFields.map((field) => [field, row[field]]));
  return { changedFields, before: pick(customer), after: pick(wanted) };
}

/** The columns of a new customer. @throws BAD_USER_INPUT when the metadata is too large. */
export const columnsOf = ({ metadata, ...fields }: CustomerFields) => {
  return { ...withoutUndefined(fields), ...settledEmails(fields), metadata: mergeMetadata({}, metadata) };
};

/** Inserts a customer and its event; null when its externalId or e-mail is taken. */
export async function insertCustomer(
  tx: Transaction,
  caller: Caller,
  fields: CustomerFields,
  source: CustomerSource,
): Promise<Customer | null> {
  const { workspaceId } = caller;
  const columns = columnsOf(fields) as ReturnType<typeof columnsOf> & { metadata: Prisma.InputJsonObject };
  const [created] = await tx.customer.createManyAndReturn({
    data: [
      { workspaceId, id: newId('Customer'), source, ...columns, ...(await derivedFrom(columns, tx, workspaceId)) },
    ],
    skipDuplicates: true,
  });
  if (!created) return null;
  await recordEvents(tx, caller, [{ type: 'customer.created', entityId: created.id, data: { after: columns } }]);
  return created;
}

/** Writes the fields of a locked customer that differ, and the event of the change. */
export async function changeCustomer(
  tx: Transaction,
  caller: Caller,
  customer: Customer,
  fields: CustomerChange,
): Promise<CustomerWrite & { result: 'UPDATED' | 'UNCHANGED' }> {
  const { changedFields, before, after } = changesOf(customer, fields);
  if (changedFields.length === 0) return { customer, result: 'UNCHANGED', changedFields };
  const updated = await tx.customer.update({
    where: { workspaceId_id: { workspaceId: customer.workspaceId, id: customer.id } },
    data: nextVersion({
      ...(after as Prisma.CustomerUpdateInput),
      ...(await derivedFrom(after, tx, customer.workspaceId)),
    }),
  });
  const data = { before, after } as Prisma.InputJsonObject;
  await recordEvents(tx, caller, [{ type: 'customer.updated', entityId: customer.id, data }]);
  if (endsSuspension(before, after)) await enqueueResumption(tx, customer.workspaceId);
  return { customer: updated, result: 'UPDATED', changedFields };
}

/** The names of the fields that are given. */
export const given = (fields: object): string[] => Object.keys(withoutUndefined(fields));

/** Without the undefined fields, since exact optional types do not allow undefined. */
function withoutUndefined<T extends object>(fields: T): { [K in keyof T]: Exclude<T[K], undefined> } {
  const entries = Object.entries(fields).filter(([, value]) => value !== undefined);
  return Object.fromEntries(entries) as { [K in keyof T]: Exclude<T[K], undefined> };
}
