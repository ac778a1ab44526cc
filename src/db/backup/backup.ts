import { Prisma } from '../../generated/prisma/client.js';
import { raw, type Sql, sql } from '../database.js';
import { queueSchema } from '../queue/install.js';
import type { Read } from '../reading/snapshot.js';
import { identifier } from '../reading/tables.js';
import { format, type Heading, partLine } from './backup.format.js';

const tables = Object.values(Prisma.ModelName);

/** The number of rows in one read. A message takes at most some 500 KB. */
const rowsAtOnce = 200;

/** The lines of a backup of the whole database, in the state that `read` sees. `onRow` is called for each row. */
export async function* backupLines(read: Read, onRow: () => void): AsyncGenerator<string> {
  const heading: Heading = {
    deskgraph: 'backup',
    format,
    createdAt: new Date().toISOString(),
    migrations: await column(
      read,
      sql`SELECT "migration_name" FROM "_prisma_migrations" WHERE "finished_at" IS NOT NULL AND "rolled_back_at" IS NULL
        ORDER BY "migration_name"`,
    ),
  };
  yield `${JSON.stringify(heading)}\n`;
  let rows = 0;
  const counted = async function* (select: Sql): AsyncGenerator<string> {
    for await (const row of rowsOf(read, select)) {
      rows += 1;
      onRow();
      yield `${row}\n`;
    }
  };
  for (const table of tables) {
    yield partLine({ table });
    yield* counted(sql`SELECT ${raw((await storedColumns(read, table)).join(', '))} FROM ${identifier(table)}`);
  }
  yield partLine({ jobs: true });
  yield* counted(waitingJobs);
  for (const sequence of await column(read, sequences)) {
    const [state] = await read(sql`SELECT last_value::text, is_called FROM ${identifier(sequence)}`);
    const [last, isCalled] = state as [string, boolean];
    yield partLine({ sequence, last, isCalled });
  }
  yield partLine({ end: true, rows });
}

/** Jobs that have failed for good are left out. */
const waitingJobs = sql`SELECT t."identifier", j."payload", j."run_at", j."key" AS "job_key"
  FROM ${raw(queueSchema)}."_private_jobs" AS j JOIN ${raw(queueSchema)}."_private_tasks" AS t ON t."id" = j."task_id"
  WHERE j."attempts" < j."max_attempts" ORDER BY j."id"`;

/** The rows of a SELECT as JSON texts. Only a few rows are in memory at once. */
async function* rowsOf(read: Read, select: Sql): AsyncGenerator<string> {
  await read(sql`DECLARE "backup" NO SCROLL CURSOR FOR SELECT row_to_json(r)::text FROM (${select}) AS r`);
  for (;;) {
    const rows = await column(read, sql`FETCH ${raw(String(rowsAtOnce))} FROM "backup"`);
    yield* rows;
    if (rows.length < rowsAtOnce) break;
  }
  await read(sql`CLOSE "backup"`);
}

/** The sequences of our tables. */
const sequences = sql`SELECT s.relname::text FROM pg_depend AS d JOIN pg_class AS s ON s.oid = d.objid AND s.relkind = 'S'
  WHERE d.refobjid IN (SELECT quote_ident(name)::regclass FROM unnest(${tables}::text[]) AS name) ORDER BY 1`;

/** The quoted names of the columns that are not generated. */
const storedColumns = (read: Read, table: string): Promise<string[]> =>
  column(
    read,
    sql`SELECT quote_ident(attname) FROM pg_attribute WHERE attrelid = ${`"${table}"`}::regclass AND attnum > 0
      AND NOT attisdropped AND attgenerated = '' ORDER BY attnum`,
  );

/** The first column of the result, as text. */
async function column(read: Read, statement: Sql): Promise<string[]> {
  return (await read(statement)).map(([value]) => String(value));
}
