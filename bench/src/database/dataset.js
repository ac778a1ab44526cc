import { createHash, randomUUID } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import pg from 'pg';
import { fromBench, fromProject } from '../paths.js';

/** The workspace that holds half of everything, and that is measured. */
export const workspaceId = 'wrk_bench01';

/** Another one, which has a share of the rest. */
export const otherWorkspaceId = 'wrk_bench02';

/** How far into the inbox the page at depth begins. */
export const depth = 100_000;

/**
 * How much there is.
 * @typedef {object} Size
 * @property {boolean} deep whether the big workspace gets as many conversations more as its page at depth needs
 * @property {number} scale by how much everything is multiplied
 */

/**
 * The project's migrations, then the rows.
 * @param {pg.Client} client
 * @param {Size} size
 */
export async function fillDatabase(client, { deep, scale }) {
  await migrate(client);
  await client.query('CREATE EXTENSION IF NOT EXISTS pg_stat_statements');
  await client.query(
    `SELECT set_config('bench.customers', $1, false), set_config('bench.conversations', $2, false),
            set_config('bench.extra', $3, false)`,
    [String(20_000 * scale), String(60_000 * scale), deep ? '120000' : '0'],
  );
  const script = await readFile(fromBench('sql/dataset.sql'), 'utf8');
  await withoutIndexes(client, ['Customer', 'Conversation', 'Message'], () => client.query(script));
  await client.query('VACUUM ANALYZE');
  await client.query('CHECKPOINT');
}

/**
 * Fills tables while they have no index but their keys, and makes the others then: row by row they would take most of the time.
 * @param {pg.Client} client
 * @param {string[]} tables
 * @param {() => Promise<unknown>} fill
 */
async function withoutIndexes(client, tables, fill) {
  const { rows } = await client.query(
    `SELECT indexrelid::regclass AS name, pg_get_indexdef(indexrelid) AS definition FROM pg_index
     WHERE NOT indisprimary AND indrelid IN (SELECT format('%I', name)::regclass FROM unnest($1::text[]) AS t (name))`,
    [tables],
  );
  for (const { name } of rows) await client.query(`DROP INDEX ${name}`);
  await fill();
  await client.query(`SET maintenance_work_mem = '512MB'`);
  for (const { definition } of rows) await client.query(definition);
  await client.query('RESET maintenance_work_mem');
}

/**
 * Applies the migrations and records them as Prisma does, so that Deskgraph finds nothing left to apply.
 * @param {pg.Client} client
 */
export async function migrate(client) {
  await client.query(`
    CREATE TABLE _prisma_migrations (
      id varchar(36) PRIMARY KEY, checksum varchar(64) NOT NULL, finished_at timestamptz, migration_name varchar(255) NOT NULL,
      logs text, rolled_back_at timestamptz, started_at timestamptz NOT NULL DEFAULT now(), applied_steps_count int NOT NULL DEFAULT 0
    )`);
  const entries = await readdir(fromProject('prisma/migrations'), { withFileTypes: true });
  const names = entries.filter((entry) => entry.isDirectory()).map((entry) => entry.name);
  for (const name of names.sort()) {
    const script = await readFile(fromProject(`prisma/migrations/${name}/migration.sql`), 'utf8');
    await client.query(script);
    await client.query(
      `INSERT INTO _prisma_migrations (id, checksum, finished_at, migration_name, applied_steps_count)
       VALUES ($1, $2, now(), $3, 1)`,
      [randomUUID(), createHash('sha256').update(script).digest('hex'), name],
    );
  }
}

/**
 * What the operations ask for.
 * @typedef {object} Samples
 * @property {string[]} longConversations with fifty messages and more
 * @property {string[]} conversations
 * @property {{ lastMessageAt: Date, id: string } | undefined} placeAtDepth the conversation just before the page at depth
 * @property {Assigned[]} assigned agents, and the last conversation on the first page of their open ones
 * @property {string[]} customers externalIds
 * @property {Phone[]} phones
 *
 * @typedef {{ agent: string, lastMessageAt: Date, id: string }} Assigned
 * @typedef {{ national: string, stored: string }} Phone a number as people in its country write it, and as the database has it
 */

/**
 * @param {pg.Client} client
 * @param {Pick<Size, 'deep'>} size
 * @returns {Promise<Samples>}
 */
export async function chooseSamples(client, { deep }) {
  // Ordered by a hash: spread over the table, and the same ones in every run.
  const conversations = await client.query(
    `SELECT id FROM "Conversation" WHERE "workspaceId" = $1 AND status <> 'ARCHIVED' ORDER BY md5(id) LIMIT 512`,
    [workspaceId],
  );
  const long = await client.query(
    `SELECT "conversationId" AS id FROM "Message" WHERE "workspaceId" = $1
     GROUP BY "conversationId" HAVING count(*) > 50 ORDER BY md5("conversationId") LIMIT 128`,
    [workspaceId],
  );
  const place = await client.query(
    `SELECT "lastMessageAt", id FROM "Conversation" WHERE "workspaceId" = $1 AND status <> 'ARCHIVED'
     ORDER BY "lastMessageAt" DESC, id DESC OFFSET $2 LIMIT 1`,
    [workspaceId, depth - 1],
  );
  const assigned = await client.query(
    `SELECT a.id AS agent, v."lastMessageAt", v.id FROM "Agent" AS a
     CROSS JOIN LATERAL (SELECT "lastMessageAt", id FROM "Conversation"
       WHERE "workspaceId" = a."workspaceId" AND "assigneeId" = a.id AND status = 'OPEN'
       ORDER BY "lastMessageAt" DESC, id DESC OFFSET 19 LIMIT 1) AS v
     WHERE a."workspaceId" = $1 ORDER BY a.id`,
    [workspaceId],
  );
  const customers = await client.query(
    `SELECT "externalId" FROM "Customer" WHERE "workspaceId" = $1 AND "externalId" IS NOT NULL ORDER BY md5(id) LIMIT 4800`,
    [workspaceId],
  );
  const phones = await client.query(
    `SELECT phone AS stored, '0' || substr(phone, 4, 3) || ' ' || substr(phone, 7) AS national FROM "Customer"
     WHERE "workspaceId" = $1 AND phone IS NOT NULL ORDER BY md5(id) LIMIT 64`,
    [workspaceId],
  );
  if (deep && !place.rows[0]) throw new Error(`The big workspace has fewer than ${depth} conversations in its inbox`);
  return {
    conversations: conversations.rows.map((row) => row.id),
    longConversations: long.rows.map((row) => row.id),
    placeAtDepth: place.rows[0],
    assigned: assigned.rows,
    customers: customers.rows.map((row) => row.externalId),
    phones: phones.rows,
  };
}
