import type {
  Click,
  Conversation,
  Conversion,
  Customer,
  DomainEvent,
  Message,
  MessageAttachment,
  WebhookAttempt,
  WebhookDelivery,
} from '../../generated/prisma/client.js';
import { join, type Sql, sql, type Transaction } from '../database.js';
import { identifier } from '../reading/tables.js';

/** The tables that are written many rows at a time. */
interface Rows {
  Customer: Customer;
  Click: Click;
  Conversation: Conversation;
  Conversion: Conversion;
  Message: Message;
  MessageAttachment: MessageAttachment;
  DomainEvent: DomainEvent;
  WebhookAttempt: WebhookAttempt;
  WebhookDelivery: WebhookDelivery;
}

/**
 * Inserts rows that all have the same columns; what they lack takes its default. One statement with one value,
 * however many rows: as values of their own they cost many times as much to bind and to parse.
 * Returns how many were inserted: a row that collides with another on a unique key is left out.
 */
export async function insertRows<Name extends keyof Rows>(
  tx: Transaction,
  table: Name,
  rows: readonly Partial<Rows[Name]>[],
): Promise<number> {
  return rows.length > 0 ? tx.$executeRaw(insertOf(table, rows)) : 0;
}

/** The statement of `insertRows`, for a WITH in front of another; there must be a row. */
export const insertOf = <Name extends keyof Rows>(table: Name, rows: readonly Partial<Rows[Name]>[]): Sql =>
  sql`${insertion(table, rows)} ON CONFLICT DO NOTHING`;

/** A part of WITH that inserts a row if the condition holds, and answers it as it is stored. A collision is an error. */
export const insertWhen = <Name extends keyof Rows>(table: Name, row: Partial<Rows[Name]>, condition: Sql): Sql =>
  sql`${insertion(table, [row])} WHERE ${condition} RETURNING *`;

function insertion<Name extends keyof Rows>(table: Name, rows: readonly Partial<Rows[Name]>[]): Sql {
  const into = identifier(table);
  const columns: Sql = join(Object.keys(rows[0] ?? {}).map(identifier));
  return sql`INSERT INTO ${into} (${columns})
    SELECT ${columns} FROM json_populate_recordset(NULL::${into}, ${JSON.stringify(rows, bigintAsText)}::json)`;
}

/** JSON knows no whole numbers beyond 2^53; the column reads the digits. */
const bigintAsText = (_name: string, value: unknown): unknown => (typeof value === 'bigint' ? String(value) : value);
