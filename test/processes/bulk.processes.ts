import { createReadStream } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline/promises';
import { beforeAll, expect, test } from 'vitest';
import { ended, startCommand } from '../cli/process.js';
import { newWorkspace, query } from '../cli/run.js';
import { sharedDatabase } from '../cli/shared-database.js';

const customers = 20_000;
const brokenLine = 10_000;
/** Megabytes; the file has 115. */
const heap = ['--max-old-space-size=80'];

let directory: string;
let file: string;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'deskgraph-test-'));
  file = join(directory, 'customers.csv');
  const notes = 'Called twice, wants to know more. '.repeat(165);
  const lines = ['externalId,email,name,notes,tags,metadata.plan'];
  // The header is line 1, so that line n holds customer n.
  for (let place = 2; place <= customers + 1; place += 1) {
    const email = place === brokenLine ? 'nowhere' : `u${place}@x.test`;
    lines.push(`u${place},${email},"User, ${place}","${notes}",vip;new,team`);
  }
  await writeFile(file, lines.join('\n'));
  return () => rm(directory, { recursive: true });
});

const counts = `select (select count(*)::int from "Customer" where "workspaceId" = $1) as customers,
  (select count(*)::int from "DomainEvent" where "workspaceId" = $1 and "type" like 'customer.%') as events`;

test('a file larger than the memory is imported but for its broken line, and exported again', async () => {
  const workspace = await newWorkspace();
  const importing = ['import', 'customers', file, '--workspace', workspace, '--json'];
  const first = await ended(startCommand(importing, sharedDatabase(), heap));
  expect(first.err).toBe(
    `line ${brokenLine}: email: Invalid email address format.\nNot imported: 1 of ${customers} lines.\n`,
  );
  expect(JSON.parse(first.out)).toMatchObject({ lines: customers, customersCreated: customers - 1, failed: 1 });
  const written = { customers: customers - 1, events: customers - 1 };
  expect(await query(counts, workspace)).toEqual([written]);

  const output = join(directory, 'export.jsonl');
  const exporting = ['export', 'customers', '--workspace', workspace, '--output', output, '--json'];
  const { code, out } = await ended(startCommand(exporting, sharedDatabase(), heap));
  expect([code, JSON.parse(out)]).toEqual([0, expect.objectContaining({ customers: customers - 1 })]);
  let lines = 0;
  for await (const line of createInterface(createReadStream(output))) {
    lines += 1;
    if (!line.endsWith('"updatedAt":null}')) throw new Error(`line ${lines} is cut: ${line.slice(-100)}`);
  }
  expect(lines).toBe(customers - 1);
});
