import { expect, test } from 'vitest';
import { ended, startCommand } from './process.js';
import { newWorkspace, query } from './run.js';
import { sharedDatabase } from './shared-database.js';

const counts = `select (select count(*)::int from "Customer" where "workspaceId" = $1) as customers,
  (select count(*)::int from "DomainEvent" where "workspaceId" = $1 and "type" like 'customer.%') as events`;

test('an import that was killed in the middle is completed by the next one, and nothing is doubled', async () => {
  const workspace = await newWorkspace();
  const lines = Array.from(
    { length: 3000 },
    (_, place) => `{"externalId": "u${place}", "email": "u${place}@x.test"}\n`,
  );
  const args = ['import', 'customers', '-', '--format', 'jsonl', '--workspace', workspace, '--json'];
  const killed = startCommand(args, sharedDatabase());
  const end = ended(killed);
  // It waits for more when it is killed, some customers written and some only read.
  killed.stdin.write(lines.slice(0, 1800).join(''));
  await expect.poll(async () => (await query(counts, workspace))[0]?.customers).toBeGreaterThan(0);
  killed.kill('SIGKILL');
  await end;
  const [left] = await query(counts, workspace);
  expect(left?.events).toBe(left?.customers);
  expect(left?.customers).toBeLessThan(1801);

  const again = startCommand(args, sharedDatabase());
  again.stdin.end(lines.join(''));
  const { code, out } = await ended(again);
  const { customersCreated, unchanged } = JSON.parse(out) as Record<string, number>;
  expect(code).toBe(0);
  expect(Number(customersCreated) + Number(unchanged)).toBe(3000);
  expect(unchanged).toBeGreaterThanOrEqual(Number(left?.customers));
  expect(await query(counts, workspace)).toEqual([{ customers: 3000, events: 3000 }]);
});
