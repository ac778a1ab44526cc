import { type Database, isUniqueViolation, sql, type Transaction } from '../database.js';

/** Somebody else wrote a row since it was found missing; the transaction is to be undone and run again. */
export class Overtaken extends Error {
  override readonly name = 'Overtaken';
}

const maxAttempts = 3;

/**
 * Writes the items of an import in one transaction and answers what `write` answers for each. Where somebody else's
 * write collides, only the database knows with which item: then each is written alone, so that none fails because of
 * another one, and `busy` stands for one that collides again and again.
 */
export async function writeImported<Item, Outcome>(
  db: Database,
  workspaceId: string,
  items: readonly Item[],
  write: (tx: Transaction, items: readonly Item[]) => Promise<Outcome[]>,
  busy: Outcome,
): Promise<Outcome[]> {
  const writeAll = (some: readonly Item[]): Promise<Outcome[]> =>
    db.transaction(async (tx) => {
      // Imports of one workspace take turns, so that two of the same file see each other's rows instead of colliding.
      await tx.$executeRaw(
        sql`SELECT pg_advisory_xact_lock(hashtextextended(${`deskgraph import ${workspaceId}`}, 0))`,
      );
      return write(tx, some);
    });
  const writeAlone = async (item: Item): Promise<Outcome[]> => {
    for (let attempt = 1; attempt <= maxAttempts; attempt += 1) {
      try {
        return await writeAll([item]);
      } catch (error) {
        if (!isOvertaken(error)) throw error;
      }
    }
    return [busy];
  };

  try {
    return await writeAll(items);
  } catch (error) {
    if (!isOvertaken(error)) throw error;
  }
  const outcomes: Outcome[] = [];
  for (const item of items) outcomes.push(...(await writeAlone(item)));
  return outcomes;
}

const isOvertaken = (error: unknown): boolean => error instanceof Overtaken || isUniqueViolation(error);
