import pg from 'pg';

/**
 * The SQL statements that were sent to the database while `work` ran, by whatever part of the application. The
 * transaction's own BEGIN and COMMIT are not counted.
 */
export async function statementsOf(work: () => Promise<unknown>): Promise<string[]> {
  const statements: string[] = [];
  const query = pg.Client.prototype.query;
  pg.Client.prototype.query = function (this: pg.Client, ...args: Parameters<typeof query>) {
    const [first] = args as unknown[];
    const text = typeof first === 'string' ? first : (first as { text?: string }).text;
    if (text !== undefined && !/^(BEGIN|COMMIT|ROLLBACK|SET)/i.test(text)) statements.push(text);
    return query.apply(this, args);
  } as typeof query;
  try {
    await work();
  } finally {
    pg.Client.prototype.query = query;
  }
  return statements;
}

/** The same without those for the key, which is remembered for a moment only and so read every now and then. */
export const statementsBesideKey = async (work: () => Promise<unknown>): Promise<string[]> =>
  (await statementsOf(work)).filter((statement) => !statement.includes('"ApiKey"'));
