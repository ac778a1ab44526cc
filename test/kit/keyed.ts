import { createApp } from '../../src/app.js';
import { type Database, openDatabase, sql } from '../../src/db/database.js';
import { createLog } from '../../src/lib/process/log.js';
import type { Desk, TestApp } from './app.js';
import { testConnection } from './connection.js';
import type { Story } from './story.js';

/** Requests that bear an Idempotency-Key, and gateways that break while they do them. */
export interface KeyedRequest {
  query: string;
  variables?: unknown;
  operationName?: string;
}

export interface KeyedAnswer {
  status: number;
  text: string;
  replayed: boolean;
  code: unknown;
}

export const addMessage = `mutation Add($id: ID!, $text: String!) {
  addMessage(input: { conversationId: $id, text: $text }) {
    message { id text conversation { version } }
    conversation { version customer { ltv { amountMinor } createdAt } }
    userErrors { code path }
  }
}`;

/** Adds a message to the conversation that everybody knows. */
export const hello = ({ billing }: Story, text = 'Hello'): KeyedRequest => ({
  query: addMessage,
  variables: { id: billing.id, text },
});

export const initOf = (request: KeyedRequest, idempotencyKey: string | undefined, desk: Desk): RequestInit => ({
  method: 'POST',
  headers: {
    'content-type': 'application/json',
    accept: 'application/graphql-response+json',
    authorization: `Bearer ${desk.key}`,
    ...(idempotencyKey !== undefined && { 'idempotency-key': idempotencyKey }),
  },
  body: JSON.stringify(request),
});

export async function sendKeyed(
  { graphql }: TestApp['app'],
  desk: Desk,
  request: KeyedRequest,
  key: string | undefined,
): Promise<KeyedAnswer> {
  const response = await graphql.fetch('http://deskgraph.test/graphql', initOf(request, key, desk));
  const text = await response.text();
  return {
    status: response.status,
    text,
    replayed: response.headers.get('idempotency-replayed') === 'true',
    code: JSON.parse(text).errors?.[0]?.extensions.code,
  };
}

export const countMessages = ({ database }: TestApp, { desk }: Story): Promise<number> =>
  database.prisma.message.count({ where: { workspaceId: desk.workspaceId } });

/** What is on record of a key. */
export const recordsOf = ({ database }: TestApp, key: string) =>
  database.prisma.idempotencyRecord.findMany({ where: { id: { endsWith: `:${key}` } } });

/** As if as much time had passed since the run under the key last gave a sign of life. */
export const letTimePass = ({ database }: TestApp, key: string, interval: string): Promise<number> =>
  database.prisma.$executeRaw(sql`UPDATE "IdempotencyRecord"
    SET "heldUntil" = "heldUntil" - ${interval}::interval, "expiresAt" = "expiresAt" - ${interval}::interval
    WHERE "id" LIKE ${`%:${key}`}`);

/** Another gateway over the same database, whose transactions do as `change` says. */
export async function withGateway<T>(
  change: (database: Database) => Partial<Database>,
  work: (app: TestApp['app']) => Promise<T>,
): Promise<T> {
  const database = openDatabase(testConnection(), { connections: 3 });
  const app = await createApp({ database: { ...database, ...change(database) }, log: createLog('silent') });
  try {
    return await work(app);
  } finally {
    await app.close();
    await database.close();
  }
}
