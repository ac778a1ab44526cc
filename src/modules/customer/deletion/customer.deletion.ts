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

/** What became of the rows of one table. */
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

/** Some people have written a hundred thousand messages. */
const timeoutMs = 120_000;

/**
 * Deletes the person: the customer, and those that were merged into it.
 *
 * PURGE removes the customers, their conversations and messages, clicks and conversions. SCRUB empties what says who they are and what was
 * written by or about them, and keeps the rows: of messages that is what came in and the team's internal notes, whose
 * attachments go; what the team sent stays. Either way the events stay, as counts and times, with every personal value replaced by null.
 *
 * Everything is done by statements over sets, whose number does not depend on how much there is.
 */
export function deleteCustomer(db: Database, caller: Caller, input: DeleteCustomerInput): Promise<DeletedCustomer> {
  const { id, mode, ...options } = parseInput(deleteCustomerInput, input);
  return deleteNamed(db, caller, readIdOrUuid(id, ['id']), mode, { path: ['id'], ...options });
}

/** The same for whom a reference names. @throws NOT_FOUND, CONFLICT when it is not at `ifVersion` any more. */
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
  /** Of clicks and of conversions alike. */
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
  // Somebody else's conversion may have named a click of this person.
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
  // What a file is called and where it lies says as much as the words that it came with.
  await tx.$executeRaw(sql`DELETE FROM "MessageAttachment" WHERE ("workspaceId", "messageId") IN (
    SELECT "workspaceId", "id" FROM "Message" WHERE ${rows.messages} AND ${written})`);
  // A mail server's answer repeats the address that it refuses.
  await tx.$executeRaw(sql`UPDATE "Message" SET "failureReason" = ''
    WHERE ${rows.messages} AND "failureReason" IS NOT NULL`);
  const conversations = await tx.$executeRaw(sql`UPDATE "Conversation"
    SET "subject" = NULL, "lastMessagePreview" = '', "version" = "version" + 1, "updatedAt" = now()
    WHERE ${rows.conversations}`);
  // What a URL says may lead to the person; what was sold, when and by which campaign does not.
  const clicks = await tx.$executeRaw(sql`UPDATE "Click" SET "referrer" = NULL, "url" = NULL WHERE ${rows.ofCustomer}`);
  // Without what was gained a merge cannot be undone; the merged customers are tombstones of a deleted one now.
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
