import { type Database, sql } from '../../db/database.js';
import { loaderPerArguments } from '../../db/reading/loaders.js';
import type { AttributionModel } from '../../generated/prisma/client.js';
import type { Answered } from '../../lib/process/cache-use.js';
import { counted } from '../customer/customer.ledger.js';
import { creditsOf, type Sold, type Touch } from './attribution.js';
import type { AnalyticsParts, Question } from './heavy.reads.js';

export interface AttributionArguments {
  model: AttributionModel;
  windowDays: number;
}

/** The revenue credited to one click, link, campaign or source. */
export interface Credit {
  key: string;
  amountMinor: bigint;
}

/** The credits for the purchases of a customer. The sum of each list is the attributed revenue. */
export interface Attribution extends AttributionArguments {
  revenueMinor: bigint;
  unattributedMinor: bigint;
  clicks: Credit[];
  links: Credit[];
  campaigns: Credit[];
  sources: Credit[];
}

interface Click extends Touch {
  linkId: string | null;
  campaignId: string | null;
  source: string;
}

/** Attribution of customers, by id. Two statements for all that are not cached. */
export const attributionLoaders = ({ db, workspaceId, heavyReads }: AnalyticsParts) => ({
  ofCustomer: loaderPerArguments((args: AttributionArguments, ids): Promise<Answered<Attribution>[]> => {
    const questions = ids.map((id): Question => ['attribution', args, id]);
    return heavyReads.read(workspaceId, questions, async (places) => {
      const open = places.map((place) => ids[place] as string);
      const [clicks, sales] = await Promise.all([readClicks(db, workspaceId, open), readSales(db, workspaceId, open)]);
      return open.map((id) => attribute(args, clicks.get(id) ?? [], sales.get(id) ?? []));
    });
  }),
});

function attribute(args: AttributionArguments, clicks: readonly Click[], sales: readonly Sold[]): Attribution {
  const { byTouch, unattributedMinor } = creditsOf(args.model, args.windowDays, clicks, sales);
  const credited = clicks.flatMap((click) => {
    const amountMinor = byTouch.get(click.id);
    return amountMinor === undefined ? [] : [{ click, amountMinor }];
  });
  const sumBy = (keyOf: (click: Click) => string | null): Credit[] => {
    const sums = new Map<string, bigint>();
    for (const { click, amountMinor } of credited) {
      const key = keyOf(click) ?? '';
      sums.set(key, (sums.get(key) ?? 0n) + amountMinor);
    }
    return [...sums].map(([key, amountMinor]) => ({ key, amountMinor }));
  };
  return {
    ...args,
    revenueMinor: sales.reduce((sum, { amountMinor }) => sum + amountMinor, 0n),
    unattributedMinor,
    clicks: sumBy(({ id }) => id),
    links: sumBy(({ linkId }) => linkId),
    campaigns: sumBy(({ campaignId }) => campaignId),
    sources: sumBy(({ source }) => source),
  };
}

async function readClicks(db: Database, workspaceId: string, ids: readonly string[]): Promise<Map<string, Click[]>> {
  const rows = await db.read(sql`SELECT k."customerId", k."id", k."occurredAt", k."linkId", k."campaignId", k."source"
    FROM "Click" AS k WHERE k."workspaceId" = ${workspaceId} AND k."customerId" = ANY(${ids}::text[])
    ORDER BY k."customerId", k."occurredAt", k."id"`);
  return grouped(rows, ([, id, at, linkId, campaignId, source]) => ({
    id: id as string,
    at: (at as Date).getTime(),
    linkId: linkId as string | null,
    campaignId: campaignId as string | null,
    source: source as string,
  }));
}

/** Each sale minus its refunds, at the time of the sale. */
async function readSales(db: Database, workspaceId: string, ids: readonly string[]): Promise<Map<string, Sold[]>> {
  const rows = await db.read(sql`SELECT c."customerId", sum(c."baseAmountMinor")::text,
      min(c."occurredAt") FILTER (WHERE c."refundOfId" IS NULL) AS at
    FROM "Conversion" AS c
    WHERE c."workspaceId" = ${workspaceId} AND c."customerId" = ANY(${ids}::text[]) AND ${counted('c')}
    GROUP BY c."customerId", COALESCE(c."refundOfId", c."id")
    ORDER BY c."customerId", at, COALESCE(c."refundOfId", c."id")`);
  return grouped(rows, ([, amount, at]) => ({ amountMinor: BigInt(amount as string), at: (at as Date).getTime() }));
}

function grouped<Value>(
  rows: readonly (readonly unknown[])[],
  entryOf: (row: readonly unknown[]) => Value,
): Map<string, Value[]> {
  const byCustomer = new Map<string, Value[]>();
  for (const row of rows) {
    const values = byCustomer.get(row[0] as string) ?? [];
    values.push(entryOf(row));
    byCustomer.set(row[0] as string, values);
  }
  return byCustomer;
}
