import { type Database, isUniqueViolation, sql, type Transaction } from '../database.js';

/** Another transaction wrote a row after it was found missing. The transaction must be rolled back and run again. */
export class Overtaken extends Error {
  override readonly name = 'Overtaken';
}

const maxAttempts = 3;

/**
 * Writes the items of an import in one transaction and returns the results of `write`. After a collision with another
 * transaction, it is unknown which item collided. Then each item is written alone, so that no item fails because of
 * another. `busy` is the result of an item that collides repeatedly.
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
      // Imports of one workspace take turns, so that two imports of the same file see each other's rows instead of
      // colliding.
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
