import pg from 'pg';

/** A statement as it was sent. */
export interface Sent {
  text: string;
  values: readonly unknown[];
  /** Whether it was prepared, so that the server may keep a plan for it that fits any values. */
  prepared: boolean;
}

/**
 * The texts of the statements that were sent to the database while `work` ran, without those for the key, which is
 * remembered for a moment only and so read every now and then, and without those that look how far the outbox can be read.
 */
export async function statementsOf(work: () => Promise<unknown>): Promise<string[]> {
  const texts = (await sentBy(work)).map(({ text }) => text);
  return texts.filter((text) => !/"ApiKey"|"DomainEvent_seq_seq"|pg_current_snapshot/.test(text));
}

/**
 * The SQL statements that were sent to the database while `work` ran, by whatever part of the application. The
 * transaction's own BEGIN and COMMIT are left out, and what sets up a session.
 */
export async function sentBy(work: () => Promise<unknown>): Promise<Sent[]> {
  const statements: Sent[] = [];
  const query = pg.Client.prototype.query;
  pg.Client.prototype.query = function (this: pg.Client, ...args: Parameters<typeof query>) {
    const [first] = args as unknown[];
    const {
      text,
      values = [],
      name,
    } = typeof first === 'string' ? { text: first } : (first as Partial<pg.QueryConfig>);
    if (text !== undefined && !/^(BEGIN|COMMIT|ROLLBACK|SET|SELECT pg_catalog\.set_config)/i.test(text)) {
      statements.push({ text, values, prepared: Boolean(name) });
    }
    return query.apply(this, args);
  } as typeof query;
  try {
    await work();
  } finally {
    pg.Client.prototype.query = query;
  }
  return statements;
}
