import { analyzer } from '../../db/analyze.js';
import { type Database, isUniqueViolation, sql, type Transaction } from '../../db/database.js';
import { newId } from '../../db/ids.js';
import { AppError, conflict } from '../../errors.js';
import { parseInput } from '../../lib/validation.js';
import { channelService } from '../channel/channel.service.js';
import { type CustomerBook, Overtaken, openCustomerBook } from '../customer/customer.import.js';
import { recordEvents } from '../events/event.service.js';
import type { Caller } from '../workspace/caller.js';
import { type ImportedConversation, importedConversation } from './conversation.import.input.js';
import { ImportPlan, type StoredConversation } from './conversation.import.plan.js';

/** What became of one imported conversation. */
export interface ImportedConversationResult {
  result: 'CREATED' | 'UPDATED' | 'UNCHANGED';
  customerCreated: boolean;
  messagesCreated: number;
}

type Outcome = ImportedConversationResult | AppError;

/** A conversation with the id of the channel that is named after its team. */
type WithChannel = ImportedConversation & { channelId: string };

export type ConversationImporter = ReturnType<typeof conversationImporter>;

const maxAttempts = 3;

/**
 * Writes conversations of another system as they were: with their times, unread by nobody, and known again by their
 * externalId. What is there already stays as it is; a conversation that has grown gets its new messages.
 */
export function conversationImporter(db: Database, caller: Caller) {
  const channelIds = new Map<string, string>();
  const statistics = analyzer(db, ['Customer', 'Conversation', 'Message', 'DomainEvent']);

  const channelKey = (kind: string, name: string): string => `${kind} ${name}`;

  const channelIdOf = async ({ source, team }: ImportedConversation): Promise<string> => {
    if (channelIds.size === 0) {
      const channels = await db.prisma.channel.findMany({ where: { workspaceId: caller.workspaceId } });
      for (const { kind, name, id } of channels) channelIds.set(channelKey(kind, name), id);
    }
    const known = channelIds.get(channelKey(source, team));
    if (known !== undefined) return known;
    const { id } = await channelService(db).ensure(caller, { kind: source, name: team });
    channelIds.set(channelKey(source, team), id);
    return id;
  };

  /** Written alone, a conversation cannot fail because of another one of its batch. */
  const writeAlone = async (item: WithChannel): Promise<Outcome[]> => {
    for (let attempt = 1; attempt <= maxAttempts; attempt += 1) {
      try {
        return await db.transaction((tx) => writeBatch(tx, caller, [item]));
      } catch (error) {
        if (!isOvertaken(error)) throw error;
      }
    }
    return [conflict([], 'Another change of this conversation or its customer is under way.')];
  };

  const writeTogether = async (items: readonly WithChannel[]): Promise<Outcome[]> => {
    try {
      return await db.transaction((tx) => writeBatch(tx, caller, items));
    } catch (error) {
      if (!isOvertaken(error)) throw error;
    }
    // Somebody wrote one of these rows between our reading and our writing, and only the database knows which.
    const outcomes: Outcome[] = [];
    for (const item of items) outcomes.push(...(await writeAlone(item)));
    return outcomes;
  };

  return {
    /** The conversation that a JSON value says. @throws InvalidInput */
    parse: (value: unknown): ImportedConversation => parseInput(importedConversation, value),

    /**
     * Writes the conversations, no two of one externalId, in one transaction. Answers for each what became of it, or
     * why it was refused; a refused one leaves nothing behind and the others alone.
     */
    async write(batch: readonly ImportedConversation[]): Promise<Outcome[]> {
      const items: WithChannel[] = [];
      for (const item of batch) items.push({ ...item, channelId: await channelIdOf(item) });
      const outcomes = await writeTogether(items);
      const messages = outcomes.map((outcome) => (outcome instanceof AppError ? 0 : outcome.messagesCreated));
      await statistics.add(messages.reduce((sum, count) => sum + count, 0));
      return outcomes;
    },

    /** To be called after the last batch. */
    finish: (): Promise<void> => statistics.finish(),
  };
}

const isOvertaken = (error: unknown): boolean => error instanceof Overtaken || isUniqueViolation(error);

async function writeBatch(tx: Transaction, caller: Caller, batch: readonly WithChannel[]): Promise<Outcome[]> {
  const { workspaceId } = caller;
  // Imports of one workspace take turns, so that two of the same file see each other's rows instead of colliding.
  await tx.$executeRaw(sql`SELECT pg_advisory_xact_lock(hashtextextended(${`deskgraph import ${workspaceId}`}, 0))`);
  // Conversations before customers, the order in which adding a message locks them.
  const stored = await lockConversations(tx, workspaceId, batch);
  const owners = await readMessageOwners(tx, workspaceId, batch);
  const book = await openCustomerBook(
    tx,
    caller,
    batch.map((item) => item.customer),
  );
  const plan = new ImportPlan(workspaceId);
  const outcomes = batch.map((item): Outcome => {
    try {
      return planConversation(plan, book, stored.get(item.externalId), owners, item);
    } catch (error) {
      if (error instanceof AppError) return error;
      throw error;
    }
  });
  await book.write();
  await plan.write(tx);
  if (plan.events.length > 0) await recordEvents(tx, caller, plan.events);
  return outcomes;
}

/** @throws CONFLICT before anything of the conversation is planned. */
function planConversation(
  plan: ImportPlan,
  book: CustomerBook,
  stored: StoredConversation | undefined,
  owners: Map<string, string>,
  item: WithChannel,
): ImportedConversationResult {
  const known = book.find(item.customer);
  if (stored && known?.id !== stored.customerId) {
    throw conflict(['externalId'], `A conversation of another customer has this externalId: ${stored.id}.`, stored.id);
  }
  const id = stored?.id ?? newId('Conversation');
  for (const [index, { externalId }] of item.messages.entries()) {
    const owner = owners.get(externalId);
    if (owner === undefined || owner === id) continue;
    throw conflict(
      ['messages', index, 'externalId'],
      `A message of another conversation has this externalId: ${owner}.`,
      owner,
    );
  }
  const fresh = item.messages.filter(({ externalId }) => !owners.has(externalId));
  for (const { externalId } of fresh) owners.set(externalId, id);

  const { customer, result, events } = book.take(item.customer);
  plan.events.push(...events);
  if (!stored) plan.start({ ...item, id }, customer);
  else if (fresh.length > 0) plan.grow(stored, fresh);
  plan.addMessages({ id, team: item.team }, customer, fresh);
  return {
    result: !stored ? 'CREATED' : fresh.length > 0 || result === 'UPDATED' ? 'UPDATED' : 'UNCHANGED',
    customerCreated: result === 'CREATED',
    messagesCreated: fresh.length,
  };
}

async function lockConversations(
  tx: Transaction,
  workspaceId: string,
  batch: readonly ImportedConversation[],
): Promise<Map<string, StoredConversation>> {
  const externalIds = batch.map(({ externalId }) => externalId);
  const rows = await tx.$queryRaw<
    StoredConversation[]
  >(sql`SELECT r."id", r."externalId", r."customerId", r."assigneeId", r."status", r."closedAt"
    FROM "Conversation" AS r
    WHERE r."workspaceId" = ${workspaceId} AND r."externalId" = ANY(${externalIds}::text[]) ORDER BY r."id" FOR UPDATE`);
  return new Map(rows.map((row) => [row.externalId, row]));
}

/** Which conversation has the message of each externalId, where there is one. */
async function readMessageOwners(
  tx: Transaction,
  workspaceId: string,
  batch: readonly ImportedConversation[],
): Promise<Map<string, string>> {
  const externalIds = batch.flatMap(({ messages }) => messages.map(({ externalId }) => externalId));
  const rows = await tx.$queryRaw<{ externalId: string; conversationId: string }[]>(sql`
    SELECT m."externalId", m."conversationId" FROM "Message" AS m
    WHERE m."workspaceId" = ${workspaceId} AND m."externalId" = ANY(${externalIds}::text[])`);
  return new Map(rows.map((row) => [row.externalId, row.conversationId]));
}
