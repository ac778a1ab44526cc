import pg from 'pg';
import { type Desk, openTestApp, type TestApp } from './app.js';
import { ask } from './ask.js';
import { createTestDatabase } from './database.js';
import { type Sent, sentBy } from './statements.js';

/** A workspace with much of everything, in a database of its own, to look at the plans of statements (kit/plans.ts). */
export interface BigDesk {
  testApp: TestApp;
  desk: Desk;
  /** A session as those of the pool are, for what is to be explained. */
  client: pg.Client;
  /** The statements that a document sends, without those for the key. */
  sentFor(document: string, variables?: object): Promise<Sent[]>;
  /** The last of them that has these words. */
  lastSentFor(document: string, variables?: object, words?: string): Promise<Sent>;
  close(): Promise<void>;
}

/** Calls `fill` in a session in which foreign keys and triggers rest: elsewhere they are tried, here they would take most of the time. */
export async function openBigDesk(
  fill: (client: pg.Client, desk: Desk, testApp: TestApp) => Promise<void>,
): Promise<BigDesk> {
  const { connection, drop } = await createTestDatabase();
  const testApp = await openTestApp({ connection });
  const client = new pg.Client(connection);
  const close = async (): Promise<void> => {
    await client.end();
    await testApp.close();
    await drop();
  };
  try {
    await client.connect();
    const desk = await testApp.createDesk('Big');
    await client.query('SET session_replication_role = replica');
    await fill(client, desk, testApp);
    await client.query('RESET session_replication_role');
    await client.query('VACUUM ANALYZE');
    await client.query('SET pg_trgm.word_similarity_threshold = 0.3; SET jit = off');
    const sentFor = async (document: string, variables?: object): Promise<Sent[]> => {
      const sent = await sentBy(async () => {
        const { errors } = await ask(testApp, desk, document, variables);
        if (errors) throw new Error(JSON.stringify(errors));
      });
      return sent.filter(({ text }) => !/"ApiKey"/.test(text));
    };
    return {
      testApp,
      desk,
      client,
      sentFor,
      async lastSentFor(document, variables, words = '') {
        const last = (await sentFor(document, variables)).filter(({ text }) => text.includes(words)).at(-1);
        if (!last) throw new Error(`No statement with ${JSON.stringify(words)} was sent.`);
        return last;
      },
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}
