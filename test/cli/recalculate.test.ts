import { expect, test } from 'vitest';
import { exitCodes } from '../../src/cli/shell/failure.js';
import { importPurchases } from './import/import.js';
import { query, run } from './run.js';

const purchases = `customerExternalId,orderId,occurredAt,amountMinor
a,1,2024-01-05T12:00:00Z,100
a,2,2024-03-05T12:00:00Z,50
b,3,2024-01-07T12:00:00Z,30`;

test('sums that somebody spoilt are mended for all customers and cohorts, and then nothing is wrong', async () => {
  const workspace = `wrk_recalculated_${process.pid}`;
  await run(['workspace', 'create', '--id', workspace, '--entitlement', 'revenue-tracking']);
  expect((await importPurchases(workspace, purchases)).summary).toMatchObject({ purchasesCreated: 3 });
  const sums = () =>
    query(
      `select "externalId", "ltvMinor"::text, "salesCount", "firstSaleAt" from "Customer" where "workspaceId" = $1 order by 1`,
      workspace,
    );
  const before = await sums();
  await query(
    `update "Customer" set "ltvMinor" = 1, "firstSaleAt" = null where "externalId" = 'a' and "workspaceId" = $1`,
    workspace,
  );
  // Every 256th change is folded into the sums, whichever that is.
  await query(`delete from "CohortRevenue" where "workspaceId" = $1`, workspace);
  await query(`delete from "CohortRevenueChange" where "workspaceId" = $1`, workspace);
  const command = ['workspace', 'recalculate', '--workspace', workspace];
  expect(await run(command)).toEqual({
    code: exitCodes.done,
    // The size of the cohort, its first month and its third one.
    out: 'Corrected 1 of 2 customers and 3 sums of cohorts.\n',
    err: '',
  });
  expect(await sums()).toEqual(before);
  const again = await run([...command, '--json']);
  expect(JSON.parse(again.out)).toEqual({ customers: 2, customersMended: 0, cohortsMended: 0 });
  const events = `select "entityId", "data" from "DomainEvent" where "workspaceId" = $1 and "type" = 'customer.ltv_recalculated'`;
  expect(await query(events, workspace)).toMatchObject([
    { data: { before: { ltvMinor: '1' }, after: { ltvMinor: '150' } } },
  ]);
});

test('a workspace that is not there is told', async () => {
  expect(await run(['workspace', 'recalculate', '--workspace', 'wrk_nowhere'])).toEqual({
    code: exitCodes.unusable,
    out: '',
    err: 'workspace: Workspace not found.\n',
  });
});
