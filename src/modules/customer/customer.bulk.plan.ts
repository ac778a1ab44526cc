import { join, type Sql, sql, type Transaction } from '../../db/database.js';
import { newId } from '../../db/ids.js';
import { customers, identifier } from '../../db/tables.js';
import { notFound } from '../../errors.js';
import type { Customer, Prisma } from '../../generated/prisma/client.js';
import type { NewEvent } from '../events/event.service.js';
import type { Caller } from '../workspace/caller.js';
import { Overtaken } from './customer.import.js';
import type { CustomerFields } from './customer.input.js';
import { emailTaken, externalIdTaken, identify, type NamedCustomer } from './customer.naming.js';
import { type CustomerWrite, changesOf, columnsOf, given } from './customer.writes.js';

/** One customer of a batch, checked; its id is a plain one. */
export type UpsertItem = CustomerFields & { id: string | null };

/** What one item comes to. Its customer is the draft, as later items of the batch change it further. */
export type PlannedWrite = CustomerWrite;

export type UpsertPlan = ReturnType<typeof openPlan>;

/** The columns that an upsert can write, beside the version and the time. */
const writable = [
  'externalId',
  'email',
  'name',
  'phone',
  'avatarUrl',
  'status',
  'sentiment',
  'notes',
  'tags',
  'metadata',
] as const satisfies readonly (keyof CustomerFields)[];

const written = [...writable, 'version', 'updatedAt'];

/**
 * Works the items of a batch out in memory, on the locked rows that they name, and writes the outcome with one
 * statement for what was there, one for what is new. Nothing is written before `write`, so an item that is refused
 * leaves nothing behind.
 */
export function openPlan({ workspaceId }: Caller, locked: readonly NamedCustomer[]) {
  const byId = new Map<string, Customer>();
  const byExternalId = new Map<string, NamedCustomer>();
  const byEmail = new Map<string, NamedCustomer>();
  const stored = new Map<string, Customer>();
  const changed = new Set<Customer>();
  const created = new Set<Customer>();
  const events: NewEvent[] = [];

  const enter = (named: NamedCustomer): void => {
    if (named.by.externalId !== null) byExternalId.set(named.by.externalId, named);
    if (named.by.email !== null) byEmail.set(named.by.email.toLowerCase(), named);
  };
  for (const { customer, by } of locked) {
    // One that is named in several ways is one draft, which all of its names lead to.
    if (!stored.has(customer.id)) stored.set(customer.id, { ...customer });
    const draft = byId.get(customer.id) ?? customer;
    byId.set(customer.id, draft);
    byId.set(by.id, draft);
    enter({ customer: draft, by: by.id === draft.id ? draft : by });
  }

  const namedIn = (names: Map<string, NamedCustomer>, name: string | null | undefined): NamedCustomer | undefined =>
    name == null ? undefined : names.get(name);
  const holders = ({ externalId, email }: CustomerFields) => {
    return { byExternalId: namedIn(byExternalId, externalId), byEmail: namedIn(byEmail, email?.toLowerCase()) };
  };

  /** @throws NOT_FOUND for an unknown id, CONFLICT as `identify` does. */
  const find = ({ id, ...fields }: UpsertItem): { customer: Customer; fields: CustomerFields } | null => {
    if (id === null) return identify(fields, holders(fields));
    const customer = byId.get(id);
    if (!customer || customer.deletedAt !== null) throw notFound('Customer', ['id']);
    return { customer, fields };
  };

  /** @throws CONFLICT when somebody else, or a customer merged into this one, has one of the names. */
  const requireFree = (customer: Customer | null, { externalId, email }: Partial<Customer>): void => {
    const held = holders({ externalId, email });
    if (held.byExternalId && held.byExternalId.by.id !== customer?.id) {
      throw externalIdTaken(held.byExternalId.customer.id);
    }
    if (held.byEmail && held.byEmail.by.id !== customer?.id) throw emailTaken(held.byEmail.customer.id);
  };

  const change = (customer: Customer, fields: CustomerFields): PlannedWrite => {
    const { changedFields, before, after } = changesOf(customer, fields);
    if (changedFields.length === 0) return { customer, result: 'UNCHANGED', changedFields };
    requireFree(customer, after);
    if ('externalId' in after && customer.externalId !== null) byExternalId.delete(customer.externalId);
    if ('email' in after && customer.email !== null) byEmail.delete(customer.email.toLowerCase());
    Object.assign(customer, after, { updatedAt: new Date() });
    customer.version += 1;
    if (!created.has(customer)) changed.add(customer);
    enter({ customer, by: customer });
    const data = { before, after } as Prisma.InputJsonObject;
    events.push({ type: 'customer.updated', entityId: customer.id, data });
    return { customer, result: 'UPDATED', changedFields };
  };

  const create = (fields: CustomerFields): PlannedWrite => {
    requireFree(null, fields as Partial<Customer>);
    const after = columnsOf(fields);
    const customer = { ...blank, ...after, workspaceId, id: newId('Customer') } as Customer;
    created.add(customer);
    byId.set(customer.id, customer);
    enter({ customer, by: customer });
    const data = { after } as Prisma.InputJsonObject;
    events.push({ type: 'customer.created', entityId: customer.id, data });
    return { customer, result: 'CREATED', changedFields: given(fields) };
  };

  return {
    events,

    /** Works out one item. @throws NOT_FOUND, CONFLICT, BAD_USER_INPUT when metadata is too much. */
    upsert(item: UpsertItem): PlannedWrite {
      const found = find(item);
      if (found) return change(found.customer, found.fields);
      const { id: _none, ...fields } = item;
      return create(fields);
    },

    /** Writes everything; answers the rows by id. @throws Overtaken when somebody else wrote one of the names. */
    async write(tx: Transaction): Promise<Map<string, Customer>> {
      const updates = [...changed];
      await releaseNames(tx, workspaceId, updates, stored.values());
      const updated = updates.length > 0 ? await updateRows(tx, workspaceId, updates) : [];
      const inserts = [...created];
      const inserted = inserts.length > 0 ? await insertNew(tx, inserts) : [];
      if (inserted.length < inserts.length) throw new Overtaken();
      return new Map([...updated, ...inserted].map((row) => [row.id, row]));
    },
  };
}

const blank = {
  externalId: null,
  email: null,
  name: null,
  phone: null,
  avatarUrl: null,
  status: 'ACTIVE',
  sentiment: 'NEUTRAL',
  notes: null,
  tags: [],
  source: 'API',
  deletedAt: null,
  version: 1,
  updatedAt: null,
} as const satisfies Partial<Record<keyof Customer, unknown>>;

/**
 * Unique keys are checked row by row. Where a customer takes a name that another one of the batch gives away, names
 * are given away before any is taken.
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
  await tx.$executeRaw(sql`UPDATE "Customer" SET "externalId" = NULL, "email" = NULL
    WHERE "workspaceId" = ${workspaceId} AND "id" = ANY(${ids}::text[])`);
}

const namesOf = ({ externalId, email }: Customer): string[] => [
  ...(externalId === null ? [] : [`externalId ${externalId}`]),
  ...(email === null ? [] : [`email ${email.toLowerCase()}`]),
];

/** JSON as one value, however many rows: as values of their own they cost many times as much to bind and to parse. */
const recordsOf = (rows: readonly Customer[], columns: readonly string[]): Sql => {
  const records = rows.map((row) => Object.fromEntries(columns.map((name) => [name, row[name as keyof Customer]])));
  return sql`json_populate_recordset(NULL::"Customer", ${JSON.stringify(records)}::json)`;
};

function updateRows(tx: Transaction, workspaceId: string, rows: readonly Customer[]): Promise<Customer[]> {
  const assignments = join(written.map((name) => sql`${identifier(name)} = v.${identifier(name)}`));
  return tx.$queryRaw<Customer[]>(sql`UPDATE "Customer" AS r SET ${assignments}
    FROM ${recordsOf(rows, ['id', ...written])} AS v
    WHERE r."workspaceId" = ${workspaceId} AND r."id" = v."id" RETURNING ${customers.project().select('r')}`);
}

/** The rows that were inserted: one whose externalId or e-mail somebody else has by now is left out. */
function insertNew(tx: Transaction, rows: readonly Customer[]): Promise<Customer[]> {
  const names = ['workspaceId', 'id', 'source', ...written];
  const columns = join(names.map(identifier));
  return tx.$queryRaw<Customer[]>(sql`INSERT INTO "Customer" AS r (${columns})
    SELECT ${columns} FROM ${recordsOf(rows, names)}
    ON CONFLICT DO NOTHING RETURNING ${customers.project().select('r')}`);
}
