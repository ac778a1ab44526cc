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

/** The revenue credited to one click, link, campaign or source: 0 as long as none of its clicks led to a sale. */
export interface Credit {
  key: string;
  amountMinor: bigint;
  /** The times of its first and its last click, in milliseconds. */
  firstAt: number;
  lastAt: number;
}

/**
 * Where a customer came from, and the credits for its purchases. The sum of each list is the attributed revenue. Of the clicks
 * without a credit, `clicks` has the first one and the latest `maxUncredited`.
 */
export interface Attribution extends AttributionArguments {
  revenueMinor: bigint;
  unattributedMinor: bigint;
  /** The ids of the first and the last click; null without any. */
  firstClickId: string | null;
  lastClickId: string | null;
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

const maxUncredited = 200;

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
  const sumBy = (keyOf: (click: Click) => string | null, counted = clicks): Credit[] => {
    const sums = new Map<string, Credit>();
    for (const click of counted) {
      const key = keyOf(click) ?? '';
      const { amountMinor, firstAt } = sums.get(key) ?? { amountMinor: 0n, firstAt: click.at };
      const credit = byTouch.get(click.id) ?? 0n;
      sums.set(key, { key, amountMinor: amountMinor + credit, firstAt, lastAt: click.at });
    }
    return [...sums.values()];
  };
  const latest = clicks.length - maxUncredited;
  const listed = clicks.filter(({ id }, place) => byTouch.has(id) || place === 0 || place >= latest);
  return {
    ...args,
    revenueMinor: sales.reduce((sum, { amountMinor }) => sum + amountMinor, 0n),
    unattributedMinor,
    firstClickId: clicks.at(0)?.id ?? null,
    lastClickId: clicks.at(-1)?.id ?? null,
    clicks: sumBy(({ id }) => id, listed),
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
