import type pg from 'pg';

/** How much of everything there is in a shop. */
const shop = { campaigns: 3_000, links: 6_000, clicks: 20_000, conversions: 20_000, events: 4_000 };

/**
 * Adds clicks, sales and changes of customers to a crowd (kit/crowd.ts), a minute apart and spread over it. `ctc_0`, `lnk_0`
 * and `cmp_0` each have a tenth; a tenth of the links, side by side, was deleted.
 */
export async function fillShop(
  client: pg.ClientBase,
  workspaceId: string,
  customers: number,
  { campaigns, links, clicks, conversions, events } = shop,
): Promise<void> {
  const at = (place: string) => `timestamptz '2026-01-01' + (${place}) * interval '1 minute'`;
  const tenth = (prefix: string, size: string) =>
    `'${prefix}_' || CASE WHEN n % 10 = 0 THEN 0 ELSE n * 7 % ${size} END`;
  const run = (text: string, ...values: unknown[]) => client.query(text, [workspaceId, ...values]);
  await run(
    `INSERT INTO "Campaign" ("workspaceId", "id", "name", "createdAt")
     SELECT $1, 'cmp_' || n, 'Campaign ' || n, ${at('n')} FROM generate_series(0, $2::int - 1) AS n`,
    campaigns,
  );
  await run(
    `INSERT INTO "Link" ("workspaceId", "id", "url", "campaignId", "createdAt", "deletedAt")
     SELECT $1, 'lnk_' || n, 'https://shop.example/', ${tenth('cmp', '$3::int')}, ${at('n')},
       CASE WHEN n BETWEEN $2::int / 2 AND $2::int * 6 / 10 THEN now() END
     FROM generate_series(0, $2::int - 1) AS n`,
    links,
    campaigns,
  );
  await run(
    `INSERT INTO "Click" ("workspaceId", "id", "clickId", "linkId", "campaignId", "customerId", "source", "occurredAt")
     SELECT $1, 'clk_' || n, 'k' || n, ${tenth('lnk', '$3::int')}, ${tenth('cmp', '$4::int')}, ${tenth('ctc', '$5::int')},
       'direct', ${at('n')}
     FROM generate_series(0, $2::int - 1) AS n`,
    clicks,
    links,
    campaigns,
    customers,
  );
  await run(
    `INSERT INTO "Conversion" ("workspaceId", "id", "customerId", "class", "status", "orderId", "amountMinor", "currency",
       "rate", "baseAmountMinor", "occurredAt")
     SELECT $1, 'cnv_' || n, ${tenth('ctc', '$3::int')}, 'SALE', 'APPROVED', 'o' || n, n, 'USD', '1', n, ${at('n')}
     FROM generate_series(0, $2::int - 1) AS n`,
    conversions,
    customers,
  );
  await run(
    `INSERT INTO "DomainEvent" ("workspaceId", "id", "type", "entityId", "data", "occurredAt")
     SELECT $1, 'evt_' || n, 'customer.updated', ${tenth('ctc', '$3::int')}, '{}', ${at('n')}
     FROM generate_series(0, $2::int - 1) AS n`,
    events,
    customers,
  );
}
