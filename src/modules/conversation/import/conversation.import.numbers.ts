import { sql, type Transaction } from '../../../db/database.js';
import type { Conversation } from '../../../generated/prisma/client.js';

/**
 * Assigns numbers to the rows: those of the file if no conversation has them, else the next free ones. The counter is
 * first moved beyond all numbers of the file, and stays locked until the transaction ends.
 */
export async function withFreeNumbers(
  tx: Transaction,
  workspaceId: string,
  rows: readonly Partial<Conversation>[],
): Promise<Partial<Conversation>[]> {
  const said = rows.flatMap(({ number }) => number || []);
  if (said.length === 0) return [...rows];
  await tx.$executeRaw(sql`INSERT INTO "ConversationCounter" AS c ("workspaceId", "last")
    VALUES (${workspaceId}, ${Math.max(...said)}::int)
    ON CONFLICT ("workspaceId") DO UPDATE SET "last" = GREATEST(c."last", EXCLUDED."last")`);
  const held = await tx.conversation.findMany({
    where: { workspaceId, number: { in: said } },
    select: { number: true },
  });
  const taken = new Set(held.map(({ number }) => number));
  return rows.map((row) => {
    const { number = 0 } = row;
    if (number === 0 || taken.has(number)) return { ...row, number: 0 };
    taken.add(number);
    return row;
  });
}
