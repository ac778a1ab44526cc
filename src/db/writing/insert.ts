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

/** The tables into which many rows are written at once. */
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
 * Inserts rows that all have the same columns; missing columns get their defaults. All rows are one value of one
 * statement, because separate values cost many times as much to bind and to parse. Rows that violate a unique key are
 * skipped. Returns how many were inserted.
 */
export async function insertRows<Name extends keyof Rows>(
  tx: Transaction,
  table: Name,
  rows: readonly Partial<Rows[Name]>[],
): Promise<number> {
  return rows.length > 0 ? tx.$executeRaw(insertOf(table, rows)) : 0;
}

/** The statement of `insertRows`, for a WITH clause. `rows` must not be empty. */
export const insertOf = <Name extends keyof Rows>(table: Name, rows: readonly Partial<Rows[Name]>[]): Sql =>
  sql`${insertion(table, rows)} ON CONFLICT DO NOTHING`;

/**
 * A WITH clause that inserts a row if the condition holds, and returns the stored row. A unique violation is an error.
 */
export const insertWhen = <Name extends keyof Rows>(table: Name, row: Partial<Rows[Name]>, condition: Sql): Sql =>
  sql`${insertion(table, [row])} WHERE ${condition} RETURNING *`;

function insertion<Name extends keyof Rows>(table: Name, rows: readonly Partial<Rows[Name]>[]): Sql {
  const into = identifier(table);
  const columns: Sql = join(Object.keys(rows[0] ?? {}).map(identifier));
  return sql`INSERT INTO ${into} (${columns})
    SELECT ${columns} FROM json_populate_recordset(NULL::${into}, ${JSON.stringify(rows, bigintAsText)}::json)`;
}

/** JSON numbers are exact only up to 2^53, so larger values are written as strings, which the column parses. */
const bigintAsText = (_name: string, value: unknown): unknown => (typeof value === 'bigint' ? String(value) : value);
