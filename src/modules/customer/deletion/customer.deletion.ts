import type { z } from 'zod';
import type { Caller } from '../../../auth/caller.js';
import { type Database, raw, type Sql, sql, type Transaction } from '../../../db/database.js';
import { parseInput } from '../../../lib/values/validation.js';
import { blankEvents, type EventsOfPerson } from '../../events/event.blanking.js';
import { recordEvents } from '../../events/event.service.js';
import { type DeletionMode, deleteCustomerInput } from '../customer.input.js';
import { lockConversationsOf } from '../lookup/customer.conversations.js';
import { type CustomerRef, type LockOptions, lockCustomer, readIdOrUuid } from '../lookup/customer.lookup.js';

export type DeleteCustomerInput = z.input<typeof deleteCustomerInput>;

/** What a deletion did to the rows of one table. */
export interface DeletionReceiptEntry {
  table: 'Customer' | 'CustomerMerge' | 'Conversation' | 'Message' | 'Click' | 'Conversion' | 'DomainEvent';
  action: 'REMOVED' | 'BLANKED';
  count: number;
}

export interface DeletedCustomer {
  /** The plain id of the customer that was deleted. */
  deletedId: string;
  deletedUuid: string;
  mode: DeletionMode;
  receipt: DeletionReceiptEntry[];
}

/** Some customers have a hundred thousand messages. */
const timeoutMs = 120_000;

/**
 * Deletes a person: the customer and those that were merged into it.
 *
 * PURGE removes the customers, their conversations, messages, clicks and conversions. SCRUB keeps the rows and removes
 * personal data from them. Of messages it removes the text and attachments of inbound ones and of internal notes; those
 * that the team sent stay. In both modes the events stay, with every personal value replaced by null.
 *
 * Each step is one statement for all rows, so the number of statements does not depend on the number of rows.
 */
export function deleteCustomer(db: Database, caller: Caller, input: DeleteCustomerInput): Promise<DeletedCustomer> {
  const { id, mode, ...options } = parseInput(deleteCustomerInput, input);
  return deleteNamed(db, caller, readIdOrUuid(id, ['id']), mode, { path: ['id'], ...options });
}

/** The same for the customer of a reference. @throws NOT_FOUND, CONFLICT for `ifVersion`. */
export function deleteNamed(
  db: Database,
  caller: Caller,
  ref: CustomerRef,
  mode: DeletionMode,
  options: LockOptions,
): Promise<DeletedCustomer> {
  const work = async (tx: Transaction): Promise<DeletedCustomer> => {
    await lockConversationsOf(tx, caller, ref);
    const customer = await lockCustomer(tx, caller, ref, options);
    const rows = personRows(caller, customer.id);
    const events = await blankEvents(tx, caller, eventsOf(rows));
    const entries = mode === 'PURGE' ? await purge(tx, rows) : await scrub(tx, rows);
    await recordEvents(tx, caller, [{ type: 'customer.deleted', entityId: customer.id, data: { mode } }]);
    return {
      deletedId: customer.id,
      deletedUuid: customer.uuid,
      mode,
      receipt: [...entries, { table: 'DomainEvent', action: 'BLANKED', count: events }],
    };
  };
  return db.transaction(work, { timeoutMs });
}

/** Conditions on the rows of one person, over the column names of each table. */
interface PersonRows {
  merged: Sql;
  customers: Sql;
  merges: Sql;
  conversations: Sql;
  messages: Sql;
  /** For both clicks and conversions. */
  ofCustomer: Sql;
}

function personRows({ workspaceId }: Caller, id: string): PersonRows {
  const inWorkspace = sql`"workspaceId" = ${workspaceId}`;
  const merged = sql`${inWorkspace} AND "mergedIntoId" = ${id}`;
  const customers = sql`${inWorkspace} AND ("id" = ${id} OR "mergedIntoId" = ${id})`;
  const ids = sql`SELECT "id" FROM "Customer" WHERE ${customers}`;
  const conversations = sql`${inWorkspace} AND "customerId" = ${id}`;
  return {
    merged,
    customers,
    merges: sql`${inWorkspace} AND ("sourceId" IN (${ids}) OR "targetId" IN (${ids}))`,
    conversations,
    ofCustomer: conversations,
    messages: sql`${inWorkspace} AND "conversationId" IN (SELECT "id" FROM "Conversation" WHERE ${conversations})`,
  };
}

const eventsOf = ({ customers, merges, conversations, messages, ofCustomer }: PersonRows): EventsOfPerson => {
  return {
    entities: sql`SELECT "id" FROM "Customer" WHERE ${customers}
      UNION ALL SELECT "id" FROM "Conversation" WHERE ${conversations}
      UNION ALL SELECT "id" FROM "Message" WHERE ${messages}
      UNION ALL SELECT "id" FROM "Click" WHERE ${ofCustomer}
      UNION ALL SELECT "id" FROM "Conversion" WHERE ${ofCustomer}`,
    merges: sql`SELECT "targetId", "sourceId" FROM "CustomerMerge" WHERE ${merges}`,
  };
};

async function purge(tx: Transaction, rows: PersonRows): Promise<DeletionReceiptEntry[]> {
  const removed = (table: DeletionReceiptEntry['table'], count: number) => {
    return { table, action: 'REMOVED' as const, count };
  };
  const messages = await tx.$executeRaw(sql`DELETE FROM "Message" WHERE ${rows.messages}`);
  const conversations = await tx.$executeRaw(sql`DELETE FROM "Conversation" WHERE ${rows.conversations}`);
  const conversions = await tx.$executeRaw(sql`DELETE FROM "Conversion" WHERE ${rows.ofCustomer}`);
  // A conversion of another customer may refer to a click of this person.
  await tx.$executeRaw(sql`UPDATE "Conversion" AS r SET "clickId" = NULL
    WHERE (r."workspaceId", r."clickId") IN (SELECT "workspaceId", "id" FROM "Click" WHERE ${rows.ofCustomer})`);
  const clicks = await tx.$executeRaw(sql`DELETE FROM "Click" WHERE ${rows.ofCustomer}`);
  const merges = await tx.$executeRaw(sql`DELETE FROM "CustomerMerge" WHERE ${rows.merges}`);
  const merged = await tx.$executeRaw(sql`DELETE FROM "Customer" WHERE ${rows.merged}`);
  const own = await tx.$executeRaw(sql`DELETE FROM "Customer" WHERE ${rows.customers}`);
  return [
    removed('Customer', merged + own),
    removed('CustomerMerge', merges),
    removed('Conversation', conversations),
    removed('Message', messages),
    removed('Click', clicks),
    removed('Conversion', conversions),
  ];
}

/** The messages that were written by or about the person. */
const written = raw(`("direction" = 'INBOUND' OR "internal")`);

async function scrub(tx: Transaction, rows: PersonRows): Promise<DeletionReceiptEntry[]> {
  const messages = await tx.$executeRaw(sql`UPDATE "Message"
    SET "text" = '', "html" = NULL, "preview" = '', "emailMessageId" = NULL,
      "authorName" = CASE WHEN "direction" = 'INBOUND' THEN NULL ELSE "authorName" END
    WHERE ${rows.messages} AND ${written}`);
  // The name and the URL of a file can contain personal data too.
  await tx.$executeRaw(sql`DELETE FROM "MessageAttachment" WHERE ("workspaceId", "messageId") IN (
    SELECT "workspaceId", "id" FROM "Message" WHERE ${rows.messages} AND ${written})`);
  // The response of a mail server contains the address that it rejected.
  await tx.$executeRaw(sql`UPDATE "Message" SET "failureReason" = ''
    WHERE ${rows.messages} AND "failureReason" IS NOT NULL`);
  const conversations = await tx.$executeRaw(sql`UPDATE "Conversation"
    SET "subject" = NULL, "lastMessagePreview" = '', "version" = "version" + 1, "updatedAt" = now()
    WHERE ${rows.conversations}`);
  // URLs can contain personal data; sales, their times and campaigns do not.
  const clicks = await tx.$executeRaw(sql`UPDATE "Click" SET "referrer" = NULL, "url" = NULL WHERE ${rows.ofCustomer}`);
  // The record of a merge has personal data, and a merge into a deleted customer cannot be undone.
  const merges = await tx.$executeRaw(sql`DELETE FROM "CustomerMerge" WHERE ${rows.merges}`);
  const customers = await tx.$executeRaw(sql`UPDATE "Customer"
    SET "externalId" = NULL, "email" = NULL, "name" = NULL, "phone" = NULL, "avatarUrl" = NULL, "notes" = NULL,
      "tags" = '{}', "metadata" = '{}', "lastMessagePreview" = NULL,
      "deletedAt" = now(), "version" = "version" + 1, "updatedAt" = now()
    WHERE ${rows.customers}`);
  return [
    { table: 'Customer', action: 'BLANKED', count: customers },
    { table: 'CustomerMerge', action: 'REMOVED', count: merges },
    { table: 'Conversation', action: 'BLANKED', count: conversations },
    { table: 'Message', action: 'BLANKED', count: messages },
    { table: 'Click', action: 'BLANKED', count: clicks },
  ];
}
