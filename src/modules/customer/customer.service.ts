import { isDeepStrictEqual } from 'node:util';
import type { z } from 'zod';
import { type Database, isUniqueViolation, join, type Sql, sql, type Transaction } from '../../db/database.js';
import { readId } from '../../db/global-id.js';
import { newId } from '../../db/ids.js';
import { type Connection, readConnection } from '../../db/listing.js';
import { readRow } from '../../db/rows.js';
import { customers } from '../../db/tables.js';
import { type AppError, badInput, conflict, notFound } from '../../errors.js';
import type { Customer, CustomerSource, Prisma } from '../../generated/prisma/client.js';
import { parseInput } from '../../lib/validation.js';
import { type NewEvent, recordEvents } from '../events/event.service.js';
import type { Caller } from '../workspace/caller.js';
import {
  type CustomerFields,
  createContactInput,
  customerKey,
  maxMetadataBytes,
  upsertCustomerInput,
} from './customer.input.js';
import {
  type ContactListArguments,
  type CustomerListArguments,
  contactListing,
  customerListing,
} from './customer.listing.js';

export type WriteResult = 'CREATED' | 'UPDATED' | 'UNCHANGED';

export interface CustomerWrite {
  customer: Customer;
  result: WriteResult;
  /** The names of the fields whose value is another one now; every given field for a new customer. */
  changedFields: string[];
}

export type UpsertCustomerInput = z.input<typeof upsertCustomerInput>;
export type CreateContactInput = z.input<typeof createContactInput>;

/** How a customer can be named. */
export interface CustomerKey {
  id?: string | null | undefined;
  externalId?: string | null | undefined;
  email?: string | null | undefined;
}

export type CustomerService = ReturnType<typeof customerService>;

export function customerService(db: Database) {
  return {
    /** The workspace's customers. @throws BAD_USER_INPUT at the argument that cannot be used. */
    list(caller: Caller, args: CustomerListArguments): Promise<Connection<Customer>> {
      return readConnection(db, customerListing(caller.workspaceId, args));
    },

    /** The customer that exactly one of the keys names; null when there is none. @throws InvalidInput */
    get(caller: Caller, key: CustomerKey): Promise<Customer | null> {
      const { id, externalId, email } = parseInput(customerKey, key);
      const named =
        id == null ? join(identityConditions({ externalId, email })) : sql`r."id" = ${readId('Customer', id, ['id'])}`;
      return readRow(
        db,
        customers,
        sql`r."workspaceId" = ${caller.workspaceId} AND r."deletedAt" IS NULL AND ${named}`,
      );
    },

    /**
     * Creates the customer or writes the given fields of the one that `id`, else `externalId`, else `email` names.
     * A customer found by e-mail that has no externalId yet takes the given one.
     * @throws InvalidInput, NOT_FOUND for an unknown id, CONFLICT when another customer holds the externalId or e-mail.
     */
    async upsert(caller: Caller, input: UpsertCustomerInput): Promise<CustomerWrite> {
      const { id, ...fields } = parseInput(upsertCustomerInput, input);
      const write = async (tx: Transaction): Promise<CustomerWrite> => {
        if (id != null) {
          const customer = await lockById(tx, caller, readId('Customer', id, ['id']));
          return updateCustomer(tx, caller, customer, fields);
        }
        const existing = await lockByIdentity(tx, caller, fields);
        if (existing) return updateCustomer(tx, caller, existing, fields);
        const created = await insertCustomer(tx, caller, fields, 'API');
        if (created) return { customer: created, result: 'CREATED', changedFields: given(fields) };
        // Somebody else's insert committed meanwhile, so this statement sees its row.
        const winner = await lockByIdentity(tx, caller, fields);
        if (!winner) throw conflict(['externalId'], 'Another change of this customer is under way.');
        return updateCustomer(tx, caller, winner, fields);
      };
      try {
        return await db.transaction(write);
      } catch (error) {
        throw isUniqueViolation(error)
          ? await takenBy(db, caller, { ...fields, id: id && readId('Customer', id, ['id']) })
          : error;
      }
    },

    /** The workspace's contacts. @throws BAD_USER_INPUT at the argument that cannot be used. */
    listContacts(caller: Caller, args: ContactListArguments): Promise<Connection<Customer>> {
      return readConnection(db, contactListing(caller.workspaceId, args));
    },

    /** Creates a contact, or answers the one that has this e-mail address, unchanged. @throws InvalidInput */
    async createContact(caller: Caller, input: CreateContactInput): Promise<CustomerWrite> {
      const fields = parseInput(createContactInput, input);
      return db.transaction((tx) => findOrCreateContact(tx, caller, fields, 'API'));
    },
  };
}

/** The contact with this e-mail address, created when there is none. */
export async function findOrCreateContact(
  tx: Transaction,
  caller: Caller,
  fields: z.output<typeof createContactInput>,
  source: CustomerSource,
): Promise<CustomerWrite> {
  const byEmail = () => selectCustomers(tx, caller, identityConditions({ email: fields.email }));
  const [existing] = await byEmail();
  if (existing) return { customer: existing, result: 'UNCHANGED', changedFields: [] };
  const created = await insertCustomer(tx, caller, fields, source);
  if (created) return { customer: created, result: 'CREATED', changedFields: given(fields) };
  const [winner] = await byEmail();
  if (!winner) throw conflict(['email'], 'Another change of this contact is under way.');
  return { customer: winner, result: 'UNCHANGED', changedFields: [] };
}

/** Inserts a customer and its event; null when its externalId or e-mail is taken. */
async function insertCustomer(
  tx: Transaction,
  caller: Caller,
  { metadata, ...fields }: CustomerFields,
  source: CustomerSource,
): Promise<Customer | null> {
  const { workspaceId } = caller;
  const data = { ...withoutUndefined(fields), metadata: mergeMetadata({}, metadata) as Prisma.InputJsonObject };
  const [created] = await tx.customer.createManyAndReturn({
    data: [{ workspaceId, id: newId('Customer'), source, ...data }],
    skipDuplicates: true,
  });
  if (!created) return null;
  await recordEvents(tx, caller, [{ type: 'customer.created', entityId: created.id, data: { after: data } }]);
  return created;
}

async function updateCustomer(
  tx: Transaction,
  caller: Caller,
  customer: Customer,
  { metadata, ...fields }: CustomerFields,
): Promise<CustomerWrite> {
  const wanted: Partial<Customer> = withoutUndefined(fields);
  if (metadata) wanted.metadata = mergeMetadata(customer.metadata, metadata);
  const changedFields = (Object.keys(wanted) as (keyof Customer)[]).filter(
    (field) => !isDeepStrictEqual(wanted[field], customer[field]),
  );
  if (changedFields.length === 0) return { customer, result: 'UNCHANGED', changedFields };

  const pick = (row: Partial<Customer>) => Object.fromEntries(changedFields.map((field) => [field, row[field]]));
  const after = pick(wanted);
  const updated = await tx.customer.update({
    where: { workspaceId_id: { workspaceId: customer.workspaceId, id: customer.id } },
    data: { ...after, version: { increment: 1 }, updatedAt: new Date() },
  });
  const event: NewEvent = {
    type: 'customer.updated',
    entityId: customer.id,
    data: { before: pick(customer), after } as Prisma.InputJsonObject,
  };
  await recordEvents(tx, caller, [event]);
  return { customer: updated, result: 'UPDATED', changedFields };
}

/** The stored metadata with the given top-level keys set, those given as null removed. */
function mergeMetadata(stored: Prisma.JsonValue, changes: CustomerFields['metadata']): Prisma.JsonObject {
  const merged = { ...(stored as Prisma.JsonObject), ...changes };
  const kept = Object.fromEntries(Object.entries(merged).filter(([, value]) => value !== null));
  if (Buffer.byteLength(JSON.stringify(kept)) > maxMetadataBytes) {
    throw badInput(['metadata'], `Must have at most ${maxMetadataBytes} bytes as JSON, merged with what is stored.`);
  }
  return kept as Prisma.JsonObject;
}

async function lockById(tx: Transaction, caller: Caller, id: string): Promise<Customer> {
  const [customer] = await selectCustomers(tx, caller, [sql`r."id" = ${id} AND r."deletedAt" IS NULL`], forUpdate);
  if (!customer) throw notFound('Customer', ['id']);
  return customer;
}

/**
 * The customer that the externalId names, else the one with the e-mail.
 * @throws CONFLICT when the e-mail is that of somebody with another externalId.
 */
async function lockByIdentity(tx: Transaction, caller: Caller, key: CustomerKey): Promise<Customer | null> {
  const found = await selectCustomers(tx, caller, identityConditions(key), forUpdate);
  if (key.externalId == null) return found[0] ?? null;
  const named = found.find((customer) => customer.externalId === key.externalId);
  const mailed = found.find((customer) => customer !== named);
  if (mailed && (named || mailed.externalId !== null)) throw emailTaken(mailed.id);
  return named ?? mailed ?? null;
}

const identityConditions = ({ externalId, email }: CustomerKey): Sql[] => [
  ...(externalId != null ? [sql`r."externalId" = ${externalId}`] : []),
  ...(email != null ? [sql`lower(r."email") = lower(${email})`] : []),
];

// In the order of their ids, so that two callers who lock the same two rows wait for each other in one direction.
const forUpdate = sql`ORDER BY r."id" FOR UPDATE`;

const selectCustomers = (tx: Transaction, caller: Caller, anyOf: Sql[], suffix = sql``): Promise<Customer[]> =>
  tx.$queryRaw<Customer[]>(sql`SELECT ${customers.project().select('r')} FROM "Customer" AS r
    WHERE r."workspaceId" = ${caller.workspaceId} AND (${join(anyOf, ' OR ')}) ${suffix}`);

/** Says whose externalId or e-mail it is that the write of the customer named by `key` ran into. */
async function takenBy(db: Database, caller: Caller, key: CustomerKey): Promise<AppError> {
  const holder = async (condition: Sql | undefined): Promise<Customer | null> =>
    condition ? readRow(db, customers, sql`r."workspaceId" = ${caller.workspaceId} AND ${condition}`) : null;
  const byEmail = await holder(identityConditions({ email: key.email })[0]);
  const own = key.id ?? byEmail?.id;
  const byExternalId = await holder(identityConditions({ externalId: key.externalId })[0]);
  if (byExternalId && byExternalId.id !== own) {
    const message = `Another customer has this externalId: ${byExternalId.id}.`;
    return conflict(['externalId'], message, byExternalId.id);
  }
  return emailTaken(byEmail?.id);
}

const emailTaken = (id: string | undefined): AppError =>
  conflict(['email'], `Another customer has this email${id === undefined ? '' : `: ${id}`}.`, id);

const given = (fields: object): string[] => Object.keys(withoutUndefined(fields));

/** Without the members that were left out, which exact optional types tell from null. */
function withoutUndefined<T extends object>(fields: T): { [K in keyof T]: Exclude<T[K], undefined> } {
  const entries = Object.entries(fields).filter(([, value]) => value !== undefined);
  return Object.fromEntries(entries) as { [K in keyof T]: Exclude<T[K], undefined> };
}
