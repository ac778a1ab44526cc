import { randomUUID } from 'node:crypto';
import type { Caller } from '../../../auth/caller.js';
import { join, sql, type Transaction } from '../../../db/database.js';
import { newId } from '../../../db/ids.js';
import { identifier } from '../../../db/reading/tables.js';
import { Overtaken } from '../../../db/writing/import-batch.js';
import { insertRows } from '../../../db/writing/insert.js';
import type { Customer, Prisma } from '../../../generated/prisma/client.js';
import type { NewEvent } from '../../events/event.service.js';
import type { CustomerFields } from '../customer.input.js';
import { type CustomerWrite, changesOf, columnsOf, given } from '../customer.writes.js';
import type { CustomerDirectory, CustomerIdentity } from '../lookup/customer.directory.js';
import { emailTaken, externalIdTaken } from '../lookup/customer.lookup.js';
import { readPhoneForms } from '../phone/customer.phone.js';
import { endsSuspension, enqueueResumption } from '../suspension/customer.suspension.js';

export type CustomerPlan = ReturnType<typeof openPlan>;

/** Columns of a new customer besides its fields. Columns left out get the values of a customer that is created now. */
export type CustomerRecord = Partial<
  Pick<Customer, 'id' | 'uuid' | 'source' | 'archivedAt' | 'mergedIntoId' | 'version' | 'createdAt' | 'updatedAt'>
>;

/** The columns that a change can write, besides the version and the time. */
const writable = [
  'externalId',
  'email',
  'otherEmails',
  'name',
  'phone',
  'avatarUrl',
  'status',
  'sentiment',
  'notes',
  'tags',
  'metadata',
] as const satisfies readonly (keyof CustomerFields)[];

const updatedColumns = ['id', ...writable, 'phoneE164', 'version', 'updatedAt'] as const;
const insertedColumns = [
  'workspaceId',
  'uuid',
  'source',
  'archivedAt',
  'mergedIntoId',
  'createdAt',
  ...updatedColumns,
] as const;

/**
 * Applies the items of a batch in memory, on the locked rows of their customers, and writes the outcome with one
 * statement for existing customers and one for new ones. Nothing is written before `write`, so a refused item changes
 * nothing. The events of the changes are added to `events`. The customer of a result changes further with later items.
 */
export function openPlan({ workspaceId }: Caller, directory: CustomerDirectory, events: NewEvent[]) {
  const changed = new Set<Customer>();
  const created = new Set<Customer>();
  let ends = false;

  /** @throws CONFLICT when another customer, or one merged into this one, has the externalId or the e-mail. */
  const requireFree = (customer: Customer | null, { otherEmails = [], ...names }: CustomerIdentity): void => {
    const { byExternalId, byEmail } = directory.withNames(names);
    if (byExternalId && byExternalId.by.id !== customer?.id) throw externalIdTaken(byExternalId.customer.id);
    if (byEmail && byEmail.by.id !== customer?.id) throw emailTaken(byEmail.customer.id);
    for (const email of otherEmails) {
      const other = directory.withNames({ email }).byEmail;
      if (other && other.by.id !== customer?.id) throw emailTaken(other.customer.id, 'otherEmails');
    }
  };

  const enter = (fields: CustomerFields, record: CustomerRecord) => {
    requireFree(null, fields);
    const after = columnsOf(fields);
    const fresh = { uuid: randomUUID(), createdAt: new Date() };
    const customer: Customer = { ...blank, ...after, ...fresh, workspaceId, id: newId('Customer'), ...record };
    created.add(customer);
    directory.enter({ customer, by: customer });
    return { customer, after };
  };

  return {
    /** Writes the fields that differ. @throws CONFLICT for externalId or e-mail, BAD_USER_INPUT for too much metadata. */
    change(customer: Customer, fields: CustomerFields): CustomerWrite & { result: 'UPDATED' | 'UNCHANGED' } {
      const { changedFields, before, after } = changesOf(customer, fields);
      if (changedFields.length === 0) return { customer, result: 'UNCHANGED', changedFields };
      ends ||= endsSuspension(before, after);
      requireFree(customer, after);
      directory.change(customer, { ...after, updatedAt: new Date(), version: customer.version + 1 });
      if (!created.has(customer)) changed.add(customer);
      const data = { before, after } as Prisma.InputJsonObject;
      events.push({ type: 'customer.updated', entityId: customer.id, data });
      return { customer, result: 'UPDATED', changedFields };
    },

    /** Adds a customer whose id and uuid are free. @throws as `change` does. */
    create(fields: CustomerFields, record: CustomerRecord): CustomerWrite & { result: 'CREATED' } {
      const { customer, after } = enter(fields, record);
      const data = { after } as Prisma.InputJsonObject;
      events.push({ type: 'customer.created', entityId: customer.id, data });
      return { customer, result: 'CREATED', changedFields: given(fields) };
    },

    /** Adds a customer that another installation merged into `target`, without other effects. @throws as `change` does. */
    createMerged(fields: CustomerFields, record: CustomerRecord, target: Customer): 'CREATED' {
      const { customer } = enter(fields, { ...record, mergedIntoId: target.id });
      directory.enter({ customer: target, by: customer });
      const data = { sourceId: customer.id, targetId: target.id, conversationCount: 0, before: {}, after: {} };
      events.push({ type: 'customer.merged', entityId: target.id, data });
      return 'CREATED';
    },

    /** Writes all but the events. @throws Overtaken when another transaction wrote an externalId or e-mail of these. */
    async write(tx: Transaction): Promise<void> {
      const updates = [...changed];
      const written = [...updates, ...created];
      const phones = written.map(({ phone }) => phone);
      const formOf = await readPhoneForms(tx, workspaceId, phones);
      for (const customer of written) customer.phoneE164 = formOf(customer.phone);
      await releaseNames(tx, workspaceId, updates, directory.stored.values());
      if (updates.length > 0) await updateRows(tx, workspaceId, updates);
      if (ends) await enqueueResumption(tx, workspaceId);
      const inserts = [...created];
      await insertNew(
        tx,
        inserts.filter(({ mergedIntoId }) => mergedIntoId === null),
      );
      // After the customers to which they refer.
      await insertNew(
        tx,
        inserts.filter(({ mergedIntoId }) => mergedIntoId !== null),
      );
    },
  };
}

const blank = {
  externalId: null,
  email: null,
  otherEmails: [] as string[],
  name: null,
  phone: null,
  phoneE164: null,
  avatarUrl: null,
  status: 'ACTIVE',
  sentiment: 'NEUTRAL',
  notes: null,
  tags: [] as string[],
  source: 'API',
  archivedAt: null,
  deletedAt: null,
  mergedIntoId: null,
  version: 1,
  updatedAt: null,
  conversationCount: 0,
  lastMessageAt: null,
  lastMessagePreview: null,
  ltvMinor: 0n,
  salesCount: 0,
  firstSaleAt: null,
  acquiredAt: null,
  wasIdentified: false,
} as const;

/**
 * Unique indexes are checked row by row. When a customer takes an externalId or e-mail that another one of the batch
 * loses, all are set to null before the update.
 */
async function releaseNames(
  tx: Transaction,
  workspaceId: string,
  updates: readonly Customer[],
  stored: Iterable<Customer>,
): Promise<void> {
  const holders = new Map<string, string>();
  for (const customer of stored) for (const name of namesOf(customer)) holders.set(name, customer.id);
  const isTaken = (customer: Customer) =>
    namesOf(customer).some((name) => (holders.get(name) ?? customer.id) !== customer.id);
  if (!updates.some(isTaken)) return;
  const ids = updates.map(({ id }) => id);
  await tx.$executeRaw(sql`UPDATE "Customer" SET "externalId" = NULL, "email" = NULL, "otherEmails" = '{}'
    WHERE "workspaceId" = ${workspaceId} AND "id" = ANY(${ids}::text[])`);
}

const namesOf = ({ externalId, email, otherEmails }: Customer): string[] => [
  ...(externalId === null ? [] : [`externalId ${externalId}`]),
  ...(email === null ? [] : [email, ...otherEmails]).map((address) => `email ${address.toLowerCase()}`),
];

/** Some columns of the rows, for JSON. */
const recordsOf = (rows: readonly Customer[], columns: readonly (keyof Customer)[]): Partial<Customer>[] =>
  rows.map((row) => Object.fromEntries(columns.map((name) => [name, row[name]])));

async function updateRows(tx: Transaction, workspaceId: string, rows: readonly Customer[]): Promise<void> {
  const assignments = join(updatedColumns.map((name) => sql`${identifier(name)} = v.${identifier(name)}`));
  await tx.$executeRaw(sql`UPDATE "Customer" AS r SET ${assignments}
    FROM json_populate_recordset(NULL::"Customer", ${JSON.stringify(recordsOf(rows, updatedColumns))}::json) AS v
    WHERE r."workspaceId" = ${workspaceId} AND r."id" = v."id"`);
}

/** @throws Overtaken when another transaction has written an externalId or e-mail of these. */
async function insertNew(tx: Transaction, rows: readonly Customer[]): Promise<void> {
  if ((await insertRows(tx, 'Customer', recordsOf(rows, insertedColumns))) < rows.length) throw new Overtaken();
}
