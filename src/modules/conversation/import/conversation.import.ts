import type { Caller } from '../../../auth/caller.js';
import type { Database, Transaction } from '../../../db/database.js';
import { newId } from '../../../db/ids.js';
import { analyzer } from '../../../db/writing/analyze.js';
import { writeImported } from '../../../db/writing/import-batch.js';
import { AppError, at, badInput, conflict } from '../../../errors.js';
import { usableOf } from '../../../lib/values/batch.js';
import { parseInput } from '../../../lib/values/validation.js';
import { type CustomerBook, openCustomerBook } from '../../customer/import/customer.import.js';
import { type NewEvent, recordEvents } from '../../events/event.service.js';
import { referToStored } from '../../file/file.references.js';
import { abandonedAmong } from '../conversation.writes.js';
import {
  type ImportedConversation,
  type ImportedMessage,
  importedConversation,
  storedFilesOf,
} from './conversation.import.input.js';
import { TakenNames } from './conversation.import.names.js';
import { ImportPlan } from './conversation.import.plan.js';
import { importReferences, type References } from './conversation.import.references.js';

/** The result for one imported conversation. */
export interface ImportedConversationResult {
  result: 'CREATED' | 'UPDATED' | 'UNCHANGED';
  customerCreated: boolean;
  messagesCreated: number;
}

type Outcome = ImportedConversationResult | AppError;

/** A conversation with the ids of what it names. */
type Resolved = ImportedConversation & References;

/**
 * Imports conversations of another system with their original times. They are recognised by their externalId, and those
 * of another installation by their id. Existing data is not changed; an existing conversation gets the messages that it
 * lacks.
 */
export function conversationImporter(db: Database, caller: Caller) {
  const references = importReferences(db, caller);
  const statistics = analyzer(db, ['Customer', 'Conversation', 'Message', 'DomainEvent']);
  const busy = conflict([], 'Another change of this conversation or its customer is under way.');

  const resolve = async (item: ImportedConversation): Promise<Resolved | AppError> => {
    try {
      return { ...item, ...(await references.resolve(item)) };
    } catch (error) {
      if (error instanceof AppError) return error;
      throw error;
    }
  };

  return {
    /** The conversation that a JSON value says. @throws InvalidInput */
    parse: (value: unknown): ImportedConversation => parseInput(importedConversation, value),

    /**
     * Writes the conversations in one transaction; no two may have the same key. Returns for each its result, or why it
     * was refused. A refused conversation writes nothing, except for the channel and the agents that it needed, and
     * does not affect the others.
     */
    async write(batch: readonly ImportedConversation[]): Promise<Outcome[]> {
      const resolved: (Resolved | AppError)[] = [];
      for (const item of batch) resolved.push(await resolve(item));
      const items = usableOf(resolved);
      const written = await writeImported<Resolved, Outcome>(
        db,
        caller.workspaceId,
        items,
        (tx, some) => writeBatch(tx, caller, some),
        busy,
      );
      const messages = written.map((outcome) => (outcome instanceof AppError ? 0 : outcome.messagesCreated));
      await statistics.add(messages.reduce((sum, count) => sum + count, 0));
      const next = written.values();
      return resolved.map((item) => (item instanceof AppError ? item : (next.next().value ?? busy)));
    },

    /** To be called after the last batch. */
    finish: (): Promise<void> => statistics.finish(),
  };
}

async function writeBatch(tx: Transaction, caller: Caller, batch: readonly Resolved[]): Promise<Outcome[]> {
  if (batch.length === 0) return [];
  const { workspaceId } = caller;
  // Agents before conversations before customers, the order in which assigning and adding a message lock them.
  const assignable = await withAssignable(tx, workspaceId, batch);
  const names = await TakenNames.read(tx, workspaceId, batch);
  const events: NewEvent[] = [];
  const people = batch.map((item) => item.customer);
  const book = await openCustomerBook(tx, caller, people, events);
  const files = await referToStored(tx, workspaceId, batch.flatMap(storedFilesOf));
  const plan = new ImportPlan(workspaceId, events, files);
  const outcomes = assignable.map((item): Outcome => {
    try {
      return planConversation(plan, book, names, item);
    } catch (error) {
      if (error instanceof AppError) return error;
      throw error;
    }
  });
  await book.write();
  await plan.write(tx);
  if (events.length > 0) await recordEvents(tx, caller, events);
  return outcomes;
}

/** An open conversation is never assigned to a deactivated agent. It becomes unassigned. */
async function withAssignable(
  tx: Transaction,
  workspaceId: string,
  batch: readonly Resolved[],
): Promise<readonly Resolved[]> {
  const isOpen = ({ status }: Resolved): boolean => (status ?? 'OPEN') === 'OPEN';
  const abandoned = new Set(await abandonedAmong(tx, workspaceId, batch.filter(isOpen)));
  return batch.map((item) => (abandoned.has(item) ? { ...item, assigneeId: null } : item));
}

/** @throws CONFLICT before anything of the conversation is planned. */
function planConversation(
  plan: ImportPlan,
  book: CustomerBook,
  names: TakenNames,
  item: Resolved,
): ImportedConversationResult {
  const stored = names.conversation(item);
  const known = book.find(item.customer);
  if (stored && known?.id !== stored.customerId) {
    const name = item.externalId == null ? 'id' : 'externalId';
    throw conflict([name], `A conversation of another customer has this ${name}: ${stored.id}.`, stored.id);
  }
  if (!stored && item.continued) throw badInput(['continued'], 'The conversation that this continues is not there.');
  const id = stored?.id ?? item.id ?? newId('Conversation');
  const fresh = item.messages.flatMap((message, index) =>
    lacks(names, id, message, index) ? [{ ...message, agentId: item.agentIds[index] ?? null }] : [],
  );
  for (const message of fresh) names.take(id, message);

  const { customer, result } = book.take(item.customer);
  if (!stored) plan.start({ ...item, id }, customer);
  else if (fresh.length > 0) plan.grow(stored, fresh, item);
  plan.addMessages({ ...item, id }, customer, fresh);
  return {
    result: !stored ? 'CREATED' : fresh.length > 0 || result === 'UPDATED' ? 'UPDATED' : 'UNCHANGED',
    customerCreated: result === 'CREATED',
    messagesCreated: fresh.length,
  };
}

function lacks(names: TakenNames, conversationId: string, message: ImportedMessage, index: number): boolean {
  try {
    return names.lacks(conversationId, message);
  } catch (error) {
    throw error instanceof AppError ? at(['messages', index], error) : error;
  }
}
